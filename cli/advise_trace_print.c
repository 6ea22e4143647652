/* SPDX-License-Identifier: MIT
 * Whatever comes from a trace goes through advise_trace_text. */
#include "cli/advise_trace_print.h"
#include "cli/advise_trace_keys.h"
#include "cli/advise_trace_text.h"
#include "cli/memory.h"

#include <string.h>
#include <time.h>

static void print_span(FILE *out, const struct advise_whole *whole)
{
	time_t first = (time_t)(whole->first / 1000000000u);
	char when[32] = "?";
	struct tm tm;

	if (gmtime_r(&first, &tm))
		strftime(when, sizeof(when), "%Y-%m-%d %H:%M:%S", &tm);
	fprintf(out, "# %.1f s from %s UTC, %s, %s.\n", (double)(whole->last - whole->first) / 1e9,
		when, advise_count_of(whole->processes, "process"),
		advise_count_of(whole->records, "event"));
}

static const struct {
	enum advise_count count;
	const char *name;
} sights[] = {
	{ ADVISE_FLOCKS, "flock" },
	{ ADVISE_CONTENDED, "flocks that wait" },
	{ ADVISE_READ_ONLY, "exclusive flocks through read-only descriptors" },
	{ ADVISE_UPGRADES, "upgrades" },
	{ ADVISE_INHERITED, "flocks that children share" },
	{ ADVISE_RECORDS, "record locks" },
	{ ADVISE_OFDS, "OFD calls" },
};

static bool is_seen(const struct advise_whole *whole, enum advise_count count)
{
	for (size_t i = 0; i < whole->uses_count; i++) {
		if (whole->uses[i]->of[count])
			return true;
	}
	return false;
}

static void print_unseen(FILE *out, const struct advise_whole *whole)
{
	const char *between = "# Not seen, so nothing is said of it: ";

	for (size_t i = 0; i < sizeof(sights) / sizeof(sights[0]); i++) {
		if (is_seen(whole, sights[i].count))
			continue;
		fprintf(out, "%s%s", between, sights[i].name);
		between = ", ";
	}
	if (*between == ',')
		fputs(".\n", out);
}

void advise_print_head(FILE *out, const char *directory, const struct advise_whole *whole,
		       uint64_t discarded)
{
	fprintf(out, "# For the programs of the trace %s, by lockshim report --advise.\n",
		advise_comment(directory));
	print_span(out, whole);
	if (discarded)
		fprintf(out, "# %s found no room in the trace: what is said here may lack them.\n",
			advise_count_of(discarded, "event"));
	if (whole->converted)
		fprintf(out, "# %s by calls that a rule had changed. Better a trace under pass.\n",
			advise_count_of(whole->converted, "event"));
	if (whole->records && !whole->free)
		fputs("# No lock was granted without a wait. Under trace = contended holders are "
		      "missing,\n"
		      "# and both is advised for want of them: better a trace under trace = all.\n",
		      out);
	print_unseen(out, whole);
	fputs("# Programs that use the same files need the same policy; those that can't have it,\n"
	      "# flock = both in this one.\n",
	      out);
}

static const char *words_of_scope(const struct advise_rule *rule)
{
	if (rule->exception)
		return policy_key_of_action(POLICY_FLOCK)->choices[rule->flock];
	if (!rule->filesystem)
		return "path";
	return rule->filesystem[1] ? rule->filesystem + 1 : "root";
}

/* PAST: the labels so far. */
static const char *label_of(const struct advise_rule *rule, const char *const *past, size_t count)
{
	const char *label = cli_memory_format("%s-%s", advise_label(rule->program->name, 26),
					      advise_label(words_of_scope(rule), 26));
	const char *numbered = label;
	unsigned number = 1;

	for (size_t i = 0; i < count; i++) {
		if (strcmp(past[i], numbered))
			continue;
		numbered = cli_memory_format("%s-%u", label, ++number);
		i = (size_t)-1;
	}
	return numbered;
}

/* A name as long as a trace can have it may have been longer. */
static const char *program_glob(const char *name)
{
	const size_t most = sizeof(((struct trace_process *)0)->program) - 1;

	return cli_memory_format("%s%s", advise_glob(name, false), strlen(name) == most ? "*" : "");
}

static void print_match(FILE *out, const struct advise_rule *rule)
{
	fprintf(out, "# %s of it.\n", advise_count_of(rule->program->processes, "process"));
	fprintf(out, "program = %s\n", program_glob(rule->program->name));
	if (rule->filesystem) {
		fprintf(out, "# Under all names of a file. Seen: %s%s%s.\n",
			advise_count_of(rule->files, "file"), rule->example ? ", one is " : "",
			rule->example ? advise_comment(rule->example) : "");
		fprintf(out, "filesystem = %s\n", advise_glob(rule->filesystem, false));
		return;
	}
	fputs(rule->exception ? "# These alone, before the rule for the others. Hard links are not "
				"found so.\n"
			      : "# Not mounted here: by name, which finds no hard links. Where the "
				"program runs,\n"
				"# this report names the file system.\n",
	      out);
	fprintf(out, "path = %s\n", rule->paths);
}

/* NULL: there is a rule. */
static const char *why_none(const struct advise_rule *rule)
{
	if (rule->passes)
		return rule->passes;
	if (!rule->filesystem && !rule->paths)
		return "files without a name, which no rule can take";
	if (!*rule->program->name || !advise_is_plain(rule->program->name))
		return "a rule can't have the program's name";
	return advise_keys_matter(rule) ? NULL : "nothing to convert or to cure";
}

static void print_none(FILE *out, const struct advise_rule *rule, const char *why)
{
	const uint64_t *of = rule->of;

	fprintf(out, "\n# No rule for %s%s%s: %s.\n", advise_comment(rule->program->name),
		rule->filesystem ? " on " : "",
		rule->filesystem ? advise_comment(rule->filesystem) : "", why);
	fprintf(out, "# %s, %s and %s on %s.\n", advise_count_of(of[ADVISE_FLOCKS], "flock"),
		advise_count_of(of[ADVISE_RECORDS], "record lock"),
		advise_count_of(of[ADVISE_OFDS], "OFD call"), advise_count_of(rule->files, "file"));
}

void advise_print_rules(FILE *out, const struct advise_rule *rules, size_t count)
{
	const char **labels = cli_memory_get((count + 1) * sizeof(*labels));
	size_t labels_count = 0;

	for (size_t i = 0; i < count; i++) {
		const char *none = why_none(&rules[i]);

		if (none) {
			print_none(out, &rules[i], none);
			continue;
		}
		labels[labels_count] = label_of(&rules[i], labels, labels_count);
		fprintf(out, "\n[rule %s]\n", labels[labels_count++]);
		print_match(out, &rules[i]);
		advise_keys_print(out, &rules[i]);
	}
	if (!count)
		fputs("\n# No lock was asked for: no rule.\n", out);
}
