/* SPDX-License-Identifier: MIT
 * What a set of actions says: of each call, of families, of the process, and against itself. */
#include "policy/internal.h"

void policy_actions_init(struct policy_actions *actions)
{
	actions->set = 0;
	for (int i = 0; i < POLICY_ACTION_COUNT; i++)
		actions->value[i] = policy_key_of_action((enum policy_action)i)->initial;
}

static const struct policy_contradiction contradictions[] = {
	{ POLICY_FLOCK, POLICY_FLOCK_SUCCEED, POLICY_UNSAFE, 0,
	  "flock = succeed lets several holders in; write unsafe = yes beside it" },
	{ POLICY_FCNTL, POLICY_FCNTL_SUCCEED, POLICY_UNSAFE, 0,
	  "fcntl = succeed lets several holders in; write unsafe = yes beside it" },
	{ POLICY_OFD_CALLS, POLICY_OFD_CALLS_SUCCEED, POLICY_UNSAFE, 0,
	  "ofd = succeed lets several holders in; write unsafe = yes beside it" },
	{ POLICY_FCNTL, POLICY_FCNTL_OFD, POLICY_FLOCK, POLICY_FLOCK_POSIX,
	  "fcntl = ofd and flock = posix would keep a program out of its own file; use flock = "
	  "ofd" },
	{ POLICY_UPGRADE, POLICY_UPGRADE_ATOMIC, POLICY_FLOCK, POLICY_FLOCK_BOTH,
	  "upgrade = atomic can't be kept with flock = both, whose native half lets the shared "
	  "lock go; use flock = ofd" },
};

const struct policy_contradiction *policy_contradiction_in(const struct policy_actions *actions)
{
	for (size_t i = 0; i < sizeof(contradictions) / sizeof(contradictions[0]); i++) {
		const struct policy_contradiction *wrong = &contradictions[i];

		if (actions->value[wrong->blamed] == wrong->blamed_value &&
		    actions->value[wrong->other] == wrong->other_value)
			return wrong;
	}
	return NULL;
}

unsigned policy_flock_families(enum policy_flock_value value)
{
	static const unsigned families[] = {
		[POLICY_FLOCK_PASS] = POLICY_FAMILY_NATIVE,
		[POLICY_FLOCK_OFD] = POLICY_FAMILY_OFD,
		[POLICY_FLOCK_POSIX] = POLICY_FAMILY_POSIX,
		[POLICY_FLOCK_BOTH] = POLICY_FAMILY_NATIVE | POLICY_FAMILY_OFD,
		[POLICY_FLOCK_SUCCEED] = 0,
		[POLICY_FLOCK_FAIL] = 0,
	};

	return families[value];
}

bool policy_calls_differ(const struct policy_actions *one, const struct policy_actions *other)
{
	for (int i = 0; i < POLICY_ACTION_COUNT; i++)
		if (POLICY_CALL_ACTIONS & 1u << i && one->value[i] != other->value[i])
			return true;
	return false;
}

bool policy_changes_calls(const struct policy_actions *actions)
{
	static const struct policy_actions passes;

	return policy_calls_differ(actions, &passes);
}

int policy_process_value(const struct policy *policy, enum policy_action action)
{
	for (size_t i = 0; i < policy->bound_count; i++)
		if (policy->bound[i]->actions.set & 1u << action)
			return policy->bound[i]->actions.value[action];
	return policy->no_rule.value[action];
}

const char *policy_process_text(const struct policy *policy, enum policy_action action)
{
	int text = policy_process_value(policy, action);

	return text ? policy->texts[text - 1] : NULL;
}

uint64_t policy_process_size(const struct policy *policy, enum policy_action action)
{
	return (uint64_t)policy_process_value(policy, action) * POLICY_SIZE_UNIT;
}
