/* SPDX-License-Identifier: MIT
 * Never an unsafe value, and never one that loses what the trace has seen to be needed. */
#include "cli/advise_trace_keys.h"
#include "cli/advise_trace_text.h"
#include "cli/memory.h"

#include <stdarg.h>
#include <string.h>

const char *advise_count_of(uint64_t count, const char *thing)
{
	const char *many = thing[strlen(thing) - 1] == 's' ? "es" : "s";

	return cli_memory_format("%s %s%s", advise_figure(count), thing, count == 1 ? "" : many);
}

static void why(FILE *out, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void why(FILE *out, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fputs("# ", out);
	vfprintf(out, format, args);
	fputc('\n', out);
	va_end(args);
}

static void set(FILE *out, enum policy_action action, int value)
{
	const struct policy_key *key = policy_key_of_action(action);

	fprintf(out, "%s = %s\n", key->name, key->choices[value]);
}

static bool converts(const struct advise_rule *rule)
{
	return rule->of[ADVISE_FLOCKS] && rule->flock != POLICY_FLOCK_PASS;
}

static void why_inherited(FILE *out, const struct advise_rule *rule)
{
	const uint64_t *of = rule->of;

	if (of[ADVISE_INHERITED])
		why(out,
		    "%s of %s by a description that another process may have: it has the OFD lock "
		    "too. posix would lose it.",
		    advise_figure(of[ADVISE_INHERITED]),
		    advise_count_of(of[ADVISE_FLOCKS], "flock"));
	if (of[ADVISE_HANDED])
		why(out,
		    "%s by a process that had not taken it: so does an OFD lock let go. posix "
		    "would "
		    "not.",
		    advise_count_of(of[ADVISE_HANDED], "unlock"));
}

static void why_families(FILE *out, const struct advise_rule *rule)
{
	if (rule->of[ADVISE_MIXED])
		why(out,
		    "%s took flock and record locks on one file: both are granted, and cost some "
		    "100 us a call while both are held.",
		    advise_count_of(rule->of[ADVISE_MIXED], "process"));
	if (rule->apart && !rule->meets)
		why(out,
		    "On %s some processes took flock and others record locks, never at once: they "
		    "will keep each other out.",
		    advise_count_of(rule->apart, "file"));
}

static void why_ofd(FILE *out, const struct advise_rule *rule)
{
	const uint64_t *of = rule->of;

	why(out,
	    "%s on %s, %s waited or refused: an OFD lock has the same owner and the same life.",
	    advise_count_of(of[ADVISE_FLOCKS], "flock"), advise_count_of(rule->files, "file"),
	    of[ADVISE_CONTENDED] ? advise_figure(of[ADVISE_CONTENDED]) : "none");
}

static void why_both(FILE *out, const struct advise_rule *rule)
{
	why(out,
	    "%s waited or refused and no process of the trace held the lock (%s): others flock it "
	    "without the library.",
	    advise_count_of(rule->outside, "flock"),
	    rule->example ? advise_comment(rule->example) : "no name");
}

static void why_pass(FILE *out, const struct advise_rule *rule)
{
	why(out,
	    "%s flock and a record lock of another process were held at once (%s): as OFD locks "
	    "they would wait for each other.",
	    rule->meets == 1 ? "Once" : cli_memory_format("%s times", advise_figure(rule->meets)),
	    rule->example ? advise_comment(rule->example) : "no name");
	why(out, "Where they are meant to keep each other out, make it ofd.");
}

static void print_flock(FILE *out, const struct advise_rule *rule)
{
	static void (*const whys[])(FILE *, const struct advise_rule *) = {
		[POLICY_FLOCK_PASS] = why_pass,
		[POLICY_FLOCK_OFD] = why_ofd,
		[POLICY_FLOCK_BOTH] = why_both,
	};

	if (!rule->of[ADVISE_FLOCKS])
		return;
	whys[rule->flock](out, rule);
	if (converts(rule)) {
		why_inherited(out, rule);
		why_families(out, rule);
	}
	set(out, POLICY_FLOCK, (int)rule->flock);
}

static void print_open_mode(FILE *out, const struct advise_rule *rule)
{
	const uint64_t *of = rule->of;

	if (!converts(rule) || !of[ADVISE_READ_ONLY])
		return;
	why(out,
	    "%s of %s through read-only descriptors: a keeper holds those, for some 150 us a lock. "
	    "It needs the right to write the file.",
	    advise_figure(of[ADVISE_READ_ONLY]),
	    advise_count_of(of[ADVISE_EXCLUSIVE], "exclusive flock"));
	set(out, POLICY_OPEN_MODE, POLICY_OPEN_MODE_KEEPER);
}

static const char *upgrades_met(const struct advise_rule *rule)
{
	return cli_memory_format("%s of %s waited or refused, %s had lost the shared lock",
				 advise_figure(rule->of[ADVISE_UPGRADES_MET]),
				 advise_count_of(rule->of[ADVISE_UPGRADES], "upgrade"),
				 advise_figure(rule->of[ADVISE_UPGRADES_LOST]));
}

/* Where several upgrade, atomic has an answer that they don't know, or an endless loop. */
static void print_upgrade(FILE *out, const struct advise_rule *rule)
{
	if (!converts(rule) || !rule->of[ADVISE_UPGRADES_MET])
		return;
	if (rule->of[ADVISE_UPGRADES_LOST] && !rule->upgraders && rule->flock == POLICY_FLOCK_OFD) {
		why(out, "%s: atomic keeps it. No two upgraded one file.", upgrades_met(rule));
		set(out, POLICY_UPGRADE, POLICY_UPGRADE_ATOMIC);
		return;
	}
	why(out, "%s, as flock has it.%s", upgrades_met(rule),
	    rule->upgraders ? " atomic would keep it, and answer EDEADLK where two upgrade." : "");
	set(out, POLICY_UPGRADE, POLICY_UPGRADE_DROP);
}

static bool is_cut(const struct advise_rule *rule)
{
	return rule->of[ADVISE_RECORDS_CUT];
}

static void why_cut(FILE *out, const struct advise_rule *rule)
{
	const uint64_t *of = rule->of;

	why(out, "%s, %s lost: another descriptor of the file was closed. An OFD lock stays.",
	    advise_count_of(of[ADVISE_RECORDS], "record lock"),
	    advise_figure(of[ADVISE_RECORDS_CUT]));
	if (of[ADVISE_RECORDS_INHERITED])
		why(out,
		    "%s by a description that another process may have: known ones stay POSIX "
		    "locks.",
		    advise_figure(of[ADVISE_RECORDS_INHERITED]));
}

static void print_fcntl(FILE *out, const struct advise_rule *rule)
{
	const uint64_t *of = rule->of;

	if (is_cut(rule) && !of[ADVISE_MIXED]) {
		why_cut(out, rule);
		set(out, POLICY_FCNTL, POLICY_FCNTL_OFD);
	} else if (of[ADVISE_RECORDS]) {
		if (is_cut(rule))
			why(out,
			    "%s, %s lost by a close: ofd would keep them, but not beside flock in "
			    "one "
			    "process.",
			    advise_count_of(of[ADVISE_RECORDS], "record lock"),
			    advise_figure(of[ADVISE_RECORDS_CUT]));
		else
			why(out, "%s, none seen lost by a close: nothing to cure.",
			    advise_count_of(of[ADVISE_RECORDS], "record lock"));
		set(out, POLICY_FCNTL, POLICY_FCNTL_PASS);
	}
}

static bool is_shared(const struct advise_rule *rule)
{
	return rule->of[ADVISE_OFDS_SHARED] && !rule->of[ADVISE_OFDS_BOUND];
}

static void print_ofd(FILE *out, const struct advise_rule *rule)
{
	const char *calls = advise_count_of(rule->of[ADVISE_OFDS], "OFD call");
	const char *shared = advise_figure(rule->of[ADVISE_OFDS_SHARED]);
	const char *bound = advise_count_of(rule->of[ADVISE_OFDS_BOUND], "lock");

	if (is_shared(rule)) {
		why(out,
		    "%s, %s granted to two processes by one description: posix keeps them apart.",
		    calls, shared);
		set(out, POLICY_OFD_CALLS, POLICY_OFD_CALLS_POSIX);
	} else if (rule->of[ADVISE_OFDS]) {
		if (rule->of[ADVISE_OFDS_SHARED])
			why(out,
			    "%s, %s granted to two processes by one description; %s that posix "
			    "would "
			    "lose. Each process has to open the file itself.",
			    calls, shared, bound);
		else
			why(out,
			    "%s, none seen granted to two by one description: nothing to cure.",
			    calls);
		set(out, POLICY_OFD_CALLS, POLICY_OFD_CALLS_PASS);
	}
}

bool advise_keys_matter(const struct advise_rule *rule)
{
	return rule->of[ADVISE_FLOCKS] || (is_cut(rule) && !rule->of[ADVISE_MIXED]) ||
	       is_shared(rule);
}

void advise_keys_print(FILE *out, const struct advise_rule *rule)
{
	static void (*const keys[])(FILE *, const struct advise_rule *) = {
		print_flock, print_open_mode, print_upgrade, print_fcntl, print_ofd,
	};

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		keys[i](out, rule);
}
