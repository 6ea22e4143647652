/* SPDX-License-Identifier: MIT
 * By table: the families that a call becomes under each value of its action. */
#include "cli/probe_policy.h"
#include "cli/file.h"
#include "cli/memory.h"
#include "cli/process.h"

#include <err.h>
#include <string.h>

const char *const probe_under_names[PROBE_UNDERS] = {
	[PROBE_UNDER_NOBODY] = "nobody",
	[PROBE_UNDER_BOTH] = "both",
	[PROBE_UNDER_HOLDER] = "holder",
	[PROBE_UNDER_ASKER] = "asker",
};

/* ITSELF: what the program asked for. No bit at all: no lock, or none granted. */
#define ITSELF (1u << PROBE_FAMILIES)
#define FAILS (1u << (PROBE_FAMILIES + 1))

static const unsigned flocks[] = {
	[POLICY_FLOCK_PASS] = ITSELF,
	[POLICY_FLOCK_OFD] = PROBE_BIT(PROBE_OFD),
	[POLICY_FLOCK_POSIX] = PROBE_BIT(PROBE_FCNTL),
	[POLICY_FLOCK_BOTH] = ITSELF | PROBE_BIT(PROBE_OFD),
	[POLICY_FLOCK_SUCCEED] = 0,
	[POLICY_FLOCK_FAIL] = FAILS,
};

static const unsigned fcntls[] = {
	[POLICY_FCNTL_PASS] = ITSELF,
	[POLICY_FCNTL_OFD] = PROBE_BIT(PROBE_OFD),
	[POLICY_FCNTL_SUCCEED] = 0,
	[POLICY_FCNTL_FAIL] = FAILS,
};

static const unsigned ofds[] = {
	[POLICY_OFD_CALLS_PASS] = ITSELF,
	[POLICY_OFD_CALLS_POSIX] = PROBE_BIT(PROBE_FCNTL),
	[POLICY_OFD_CALLS_SUCCEED] = 0,
	[POLICY_OFD_CALLS_FAIL] = FAILS,
};

#define VALUES(table) table, sizeof(table) / sizeof((table)[0])

/* Each family's action, and the call of cli_calls that stands for its modes. */
static const struct {
	enum policy_action action;
	const unsigned *becomes;
	size_t values;
	const char *calls[PROBE_UN];
} rows[PROBE_FAMILIES] = {
	[PROBE_FLOCK] = { POLICY_FLOCK, VALUES(flocks), { "flock-sh", "flock-ex" } },
	[PROBE_FCNTL] = { POLICY_FCNTL, VALUES(fcntls), { "fcntl", "fcntl" } },
	[PROBE_LOCKF] = { POLICY_FCNTL, VALUES(fcntls), { "lockf", "lockf" } },
	[PROBE_OFD] = { POLICY_OFD_CALLS, VALUES(ofds), { "ofd", "ofd" } },
};

static void decide(const struct cli_policy *policy, const struct cli_file *file,
		   struct probe_policy *ret)
{
	const struct policy_rule *rule;

	ret->file = policy->file;
	ret->overlay = policy->overlay;
	ret->missing = policy->missing;
	ret->verdict.actions = policy_decide(policy->policy, &file->facts, &rule);
	ret->verdict.passed = policy_treatment_passes(file->treatment, rule) ? file->why : NULL;
	ret->verdict.shadow = ret->verdict.actions->value[POLICY_SHADOW];
	ret->verdict.families = POLICY_FAMILY_NATIVE;
	ret->rule = rule ? cli_memory_format("%s:%u", rule->file, rule->line) : NULL;
}

int probe_policy_load(const struct cli_arguments *arguments, const char *directory,
		      struct probe_policy *ret)
{
	const char *name = cli_memory_format("%s/lockshim-probe", directory);
	struct cli_policy policy;
	struct cli_process process;
	struct cli_mounts mounts;
	struct cli_file file;
	uint64_t *devices;
	int status = cli_load(&policy, arguments->policy_file, &arguments->set);

	if (status == CLI_OK)
		status = cli_process_make(arguments, &process);
	if (status != CLI_OK)
		return status;
	policy_bind(policy.policy, &process.facts);
	devices = cli_memory_get((policy.policy->filesystems_count + 1) * sizeof(*devices));
	cli_mounts_read(&mounts);
	policy_filesystem_devices(policy.policy, mounts.text, mounts.len, devices);
	if (!cli_file_look(name, &mounts, devices, &file)) {
		warn("%s", directory);
		return CLI_FAILED;
	}
	decide(&policy, &file, ret);
	return CLI_OK;
}

static unsigned becomes(const struct probe_policy *policy, enum probe_family family)
{
	const struct cli_verdict *verdict = &policy->verdict;
	size_t value = (size_t)verdict->actions->value[rows[family].action];
	unsigned set = ITSELF;

	if (!verdict->passed && !verdict->shadow && value < rows[family].values)
		set = rows[family].becomes[value];
	return set & ITSELF ? (set & ~ITSELF) | PROBE_BIT(family) : set;
}

unsigned probe_policy_families(const struct probe_policy *policy, unsigned families)
{
	unsigned all = 0;

	for (int i = 0; i < PROBE_FAMILIES; i++) {
		if (families & PROBE_BIT(i))
			all |= becomes(policy, (enum probe_family)i) & PROBE_ALL;
	}
	return all;
}

const char *probe_policy_becomes(const struct probe_policy *policy, struct probe_side side)
{
	const char *name = rows[side.family].calls[side.mode];
	bool changed;

	for (size_t i = 0; i < cli_calls_count; i++) {
		if (!strcmp(cli_calls[i].name, name))
			return cli_calls_becomes(&cli_calls[i], &policy->verdict, &changed);
	}
	return NULL;
}

/* The place of FAMILY in probe_sides in the mode of the side at OF. */
static size_t side_of(int family, size_t of)
{
	for (size_t i = 0; i < PROBE_SIDES; i++) {
		if ((int)probe_sides[i].family == family &&
		    probe_sides[i].mode == probe_sides[of].mode)
			return i;
	}
	return of;
}

/* Of what it was answered by each pair of families the first that is no grant. */
static const char *worst_answer(const struct probe_results *results, unsigned held_set, size_t held,
				unsigned asked_set, size_t asked)
{
	for (int i = 0; i < PROBE_FAMILIES; i++) {
		for (int j = 0; j < PROBE_FAMILIES; j++) {
			const char *answer = results->pairs[PROBE_OTHER_PROCESS][side_of(i, held)]
							   [side_of(j, asked)]
								   .answer;

			if (held_set & PROBE_BIT(i) && asked_set & PROBE_BIT(j) &&
			    strcmp(answer, "granted"))
				return answer;
		}
	}
	return "granted";
}

static const char *fail_errno(const struct probe_policy *policy)
{
	int number = policy->verdict.actions->value[POLICY_FAIL_ERRNO];
	const char *name = policy_errno_name(number);

	return name ? name : cli_memory_format("errno %d", number);
}

const char *probe_policy_answer(const struct probe_policy *policy,
				const struct probe_results *results, enum probe_under under,
				size_t held, size_t asked)
{
	bool holder = under == PROBE_UNDER_BOTH || under == PROBE_UNDER_HOLDER;
	bool asker = under == PROBE_UNDER_BOTH || under == PROBE_UNDER_ASKER;
	enum probe_family families[] = { probe_sides[held].family, probe_sides[asked].family };
	unsigned held_set = holder ? becomes(policy, families[0]) : PROBE_BIT(families[0]);
	unsigned asked_set = asker ? becomes(policy, families[1]) : PROBE_BIT(families[1]);

	if ((held_set | asked_set) & FAILS)
		return fail_errno(policy);
	return worst_answer(results, held_set, held, asked_set, asked);
}
