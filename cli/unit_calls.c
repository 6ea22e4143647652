/* SPDX-License-Identifier: MIT
 * What a policy has the library call, against the unit's filter. */
#include "cli/converted.h"
#include "cli/keeper.h"
#include "cli/memory.h"
#include "cli/unit_filter.h"
#include "cli/unit_plan.h"

static bool some_action(const struct policy *policy, enum policy_action action, int value)
{
	bool some = policy->no_rule.value[action] == value;

	for (size_t i = 0; i < policy->bound_count; i++)
		some |= policy->bound[i]->actions.value[action] == value;
	return some;
}

static bool converts(const struct policy *policy)
{
	return cli_converted_under(policy) <= CLI_CONVERTED_SHADOW;
}

static bool asks_paths(const struct policy *policy)
{
	return policy_asks_path(policy);
}

static bool carries(const struct policy *policy)
{
	return some_action(policy, POLICY_FCNTL, POLICY_FCNTL_OFD);
}

static bool takes_both(const struct policy *policy)
{
	return some_action(policy, POLICY_FLOCK, POLICY_FLOCK_BOTH);
}

static bool flushes(const struct policy *policy)
{
	return some_action(policy, POLICY_ON_UNLOCK, POLICY_ON_UNLOCK_FLUSH);
}

static bool flushes_data(const struct policy *policy)
{
	return some_action(policy, POLICY_ON_UNLOCK, POLICY_ON_UNLOCK_FLUSH_DATA);
}

static bool traces(const struct policy *policy)
{
	return !some_action(policy, POLICY_TRACE, POLICY_RECORD_NO);
}

static const struct need {
	const char *call;
	bool (*wanted)(const struct policy *policy);
	const char *what;
} needs[] = {
	{ "fcntl", converts, "converted locks" },
	{ "openat", converts, "looks at /proc" },
	{ "statx", converts, "looks at descriptors" },
	{ "flock", takes_both, "flock = both" },
	{ "readlinkat", asks_paths, "rules with path or exported" },
	{ "clone", cli_keeper_is_asked_for, "keepers; open-mode = reopen or fail has none" },
	{ "wait4", cli_keeper_is_asked_for, "keepers" },
	{ "execve", cli_keeper_is_asked_for, "keepers" },
	{ "kcmp", carries, "fcntl = ofd" },
	{ "fsync", flushes, "on-unlock = flush" },
	{ "fdatasync", flushes_data, "on-unlock = flush-data" },
	{ "madvise", traces, "a trace" },
	{ "fallocate", traces, "a trace" },
};

#define NEEDS (sizeof(needs) / sizeof(needs[0]))

/* One line for all that one setting keeps out, or that several do. */
unsigned cli_unit_check_calls(const struct cli_unit_plan *plan, const struct policy *policy)
{
	const struct cli_unit_setting *by = NULL;
	const char *calls = "", *reasons = "";

	for (size_t i = 0; i < NEEDS; i++) {
		const struct cli_unit_setting *here = cli_unit_filtered(plan->unit, needs[i].call);

		if (!here || !needs[i].wanted(policy))
			continue;
		by = here;
		calls = cli_memory_format("%s%s%s", calls, *calls ? " " : "", needs[i].call);
		reasons = cli_memory_format("%s%s%s (%s)", reasons, *reasons ? ", " : "",
					    needs[i].call, needs[i].what);
	}
	if (!by)
		return 0;
	cli_unit_refuse(
		cli_unit_place(by),
		"keeps out %s, and %s; SystemCallFilter=%s in a drop-in lets them through", reasons,
		cli_unit_filter_kills(plan->unit) ? "the service is killed for it" : "locks fail",
		calls);
	return 1;
}
