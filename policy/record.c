/* SPDX-License-Identifier: MIT
 * LOCKSHIM_TRACE and LOCKSHIM_LOG: what is recorded where no rule says otherwise. */
#include "policy/internal.h"

#include <string.h>

static void set(struct policy_actions *actions, enum policy_action action, int value)
{
	actions->value[action] = value;
	actions->set |= 1u << action;
}

static void record(struct policy_actions *actions, enum policy_action action,
		   enum policy_action place, int text)
{
	if (!(actions->set & 1u << action))
		set(actions, action, POLICY_RECORD_ALL);
	set(actions, place, text);
}

int policy_record(struct policy *policy, enum policy_action action, const char *name,
		  const char *where, const struct policy_memory *memory, struct policy_error *err)
{
	enum policy_action place = action == POLICY_TRACE ? POLICY_TRACE_DIRECTORY : POLICY_LOG_TO;
	/* Read only: the word type is shared with files, which are cut in place. */
	const struct policy_word value = { (char *)(uintptr_t)where,
					   strlen(where),
					   { name, 1, 1 } };
	struct policy_arena arena = { .memory = memory };
	int result = policy_value_read(policy_key_of_action(place), &value, NULL, err), text;
	const char **texts;

	if (result)
		return result;
	texts = policy_arena_append(&arena, policy->texts, policy->texts_count, where, value.len);
	if (!texts)
		return policy_fail_memory(err, &value.place);
	policy->texts = texts;
	text = (int)++policy->texts_count;
	record(&policy->no_rule, action, place, text);
	for (size_t i = 0; i < policy->rules_count; i++)
		record(&policy->rules[i]->actions, action, place, text);
	policy->recorded |= 1u << action | 1u << place;
	return 0;
}
