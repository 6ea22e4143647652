/* SPDX-License-Identifier: MIT
 * The ways to a policy: from a file, from text in memory, from nothing. */
#include "policy/internal.h"

#include <string.h>

/* The names in the order of insertion, or NULL without memory. */
static const char **names_of(struct policy_reader *reader, const struct policy_table *table,
			     size_t *ret_count)
{
	const char **names = policy_arena_get(&reader->arena, table->count * sizeof(*names));

	*ret_count = 0;
	for (const struct policy_entry *at = table->first; names && at; at = at->later)
		names[(*ret_count)++] = at->name;
	return names;
}

/* Puts what the tables hold into arrays, in the order of the text. */
static int collect(struct policy_reader *reader, const char *name)
{
	struct policy *policy = reader->policy;
	struct policy_place place = { name, 0, 0 };
	size_t rules = reader->rules.count;

	policy->rules = policy_arena_get(&reader->arena, rules * sizeof(*policy->rules));
	policy->bound = policy_arena_get(&reader->arena, rules * sizeof(*policy->bound));
	policy->filesystems = names_of(reader, &reader->filesystems, &policy->filesystems_count);
	policy->texts = names_of(reader, &reader->texts, &policy->texts_count);
	if (!policy->rules || !policy->bound || !policy->filesystems || !policy->texts)
		return policy_fail_memory(reader->err, &place);
	for (const struct policy_entry *at = reader->rules.first; at; at = at->later)
		policy->rules[policy->rules_count++] = at->value;
	return policy_reach_check(policy, &reader->arena, reader->err);
}

static int start(struct policy_reader *reader, const char **name)
{
	struct policy_place place = { *name, 0, 0 };
	const char *copy = policy_arena_copy(&reader->arena, *name, strlen(*name));
	struct policy *policy = policy_arena_get(&reader->arena, sizeof(*policy));

	if (!copy || !policy)
		return policy_fail_memory(reader->err, &place);
	*name = copy;
	reader->policy = policy;
	policy->hash = POLICY_HASH_START;
	policy_actions_init(&policy->no_rule);
	return 0;
}

static int finish(struct policy_reader *reader, const char *name, struct policy **ret_policy)
{
	int result = policy_parse_lines(reader);

	if (!result)
		result = collect(reader, name);
	*ret_policy = result ? NULL : reader->policy;
	return result;
}

int policy_load(struct policy **ret_policy, const char *file, const struct policy_trust *trust,
		const struct policy_memory *memory, struct policy_error *err)
{
	struct policy_reader reader = { .arena.memory = memory, .trust = trust, .err = err };
	int result = start(&reader, &file);

	*ret_policy = NULL;
	if (!result)
		result = policy_source_open(&reader, file);
	return result ? result : finish(&reader, file, ret_policy);
}

int policy_parse(struct policy **ret_policy, const char *name, const char *text, size_t len,
		 const struct policy_trust *trust, const struct policy_memory *memory,
		 struct policy_error *err)
{
	struct policy_reader reader = { .arena.memory = memory, .trust = trust, .err = err };
	int result = start(&reader, &name);

	*ret_policy = NULL;
	if (!result)
		result = policy_source_text(&reader, name, text, len);
	return result ? result : finish(&reader, name, ret_policy);
}

int policy_empty(struct policy **ret_policy, const struct policy_memory *memory)
{
	struct policy_reader reader = { .arena.memory = memory };
	const char *name = "";
	int result = start(&reader, &name);

	*ret_policy = result ? NULL : reader.policy;
	return result;
}
