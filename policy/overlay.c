/* SPDX-License-Identifier: MIT
 * LOCKSHIM_SET: single actions laid over every rule and over "no rule". */
#include "policy/internal.h"

#include <errno.h>
#include <string.h>

struct overlay {
	struct policy_actions actions;
	struct policy_place place[POLICY_ACTION_COUNT]; /* of the values */
	const char **texts;                             /* the policy's, and those named here */
	size_t texts_count;
	struct policy_arena arena;
	struct policy_error *err;
};

/* The policy's own array stays as it is: an item after this one may yet be wrong. */
static int add_text(struct overlay *overlay, const struct policy_word *value, int *ret)
{
	const char **texts = policy_arena_append(&overlay->arena, overlay->texts,
						 overlay->texts_count, value->text, value->len);

	if (!texts)
		return policy_fail_memory(overlay->err, &value->place);
	overlay->texts = texts;
	*ret = (int)++overlay->texts_count;
	return 0;
}

static int read_value(struct overlay *overlay, const struct policy_key *key,
		      const struct policy_word *value)
{
	int *number = &overlay->actions.value[key->number];
	int result = policy_value_read(key, value, number, overlay->err);

	if (!result && policy_kind_is_text(key->kind))
		result = add_text(overlay, value, number);
	return result;
}

static int read_item(struct overlay *overlay, const struct policy_word *item)
{
	struct policy_word name, value;
	const struct policy_key *key;
	int result = policy_word_assignment(item, &name, &value, overlay->err);

	if (result)
		return result;
	key = policy_key_find(name.text, name.len);
	if ((key && key->match) || (name.len == 7 && !memcmp(name.text, "include", 7)))
		return policy_fail(overlay->err, &name.place, -EINVAL,
				   "\"%w\" is %s; only actions can be set here", name.text,
				   name.len, key ? "a match key" : "for policy files");
	if (!key)
		return policy_key_unknown(&name, overlay->err);
	if (overlay->actions.set & 1u << key->number)
		return policy_fail(overlay->err, &name.place, -EINVAL, "a second \"%s\"; drop one",
				   key->name);
	overlay->actions.set |= 1u << key->number;
	overlay->place[key->number] = value.place;
	return read_value(overlay, key, &value);
}

static size_t item_len(const char *at, const char *end)
{
	const char *from = at;

	while (at < end && *at != ';' && *at != '\n')
		at++;
	return (size_t)(at - from);
}

static int read_items(struct overlay *overlay, const char *name, const char *text, size_t len)
{
	const char *end = text + len;

	for (const char *at = text; at < end; at++) {
		/* Read only: the word type is shared with files, which are cut in place. */
		struct policy_word item = { (char *)(uintptr_t)at,
					    item_len(at, end),
					    { name, 1, (unsigned)(at - text) + 1 } };
		int result;

		at += item.len;
		policy_word_trim(&item);
		result = item.len ? read_item(overlay, &item) : 0;
		if (result)
			return result;
	}
	return 0;
}

static int check_zero(const char *name, const char *text, size_t len, struct policy_error *err)
{
	const char *zero = len ? memchr(text, 0, len) : NULL;
	struct policy_place place = { name, 1, 1 };

	if (!zero)
		return 0;
	place.column += (unsigned)(zero - text);
	return policy_fail(err, &place, -EINVAL, "a NUL byte; settings are text");
}

static void lay(const struct policy_actions *overlay, struct policy_actions *actions)
{
	for (int i = 0; i < POLICY_ACTION_COUNT; i++)
		if (overlay->set & 1u << i)
			actions->value[i] = overlay->value[i];
	actions->set |= overlay->set;
}

/* The first item that takes part in it; one does, or the rule itself would have been refused. */
static const struct policy_place *item_of(const struct overlay *overlay,
					  const struct policy_contradiction *wrong)
{
	bool blamed = overlay->actions.set & 1u << wrong->blamed;

	return &overlay->place[blamed ? wrong->blamed : wrong->other];
}

/* RULE is NULL for "no rule". */
static int check_merged(const struct overlay *overlay, struct policy_actions merged,
			const struct policy_rule *rule)
{
	const struct policy_contradiction *wrong;

	lay(&overlay->actions, &merged);
	wrong = policy_contradiction_in(&merged);
	if (!wrong)
		return 0;
	if (!rule)
		return policy_fail(overlay->err, item_of(overlay, wrong), -EINVAL, "%s",
				   wrong->text);
	return policy_fail(overlay->err, item_of(overlay, wrong), -EINVAL,
			   "over rule \"%s\" (%s:%u): %s", rule->name, rule->file, rule->line,
			   wrong->text);
}

int policy_overlay(struct policy *policy, const char *name, const char *text, size_t len,
		   const struct policy_memory *memory, struct policy_error *err)
{
	struct overlay overlay = {
		.err = err,
		.texts = policy->texts,
		.texts_count = policy->texts_count,
		.arena.memory = memory,
	};
	int result = check_zero(name, text, len, err);

	if (!result)
		result = read_items(&overlay, name, text, len);
	/* All is checked before anything is changed. */
	if (!result)
		result = check_merged(&overlay, policy->no_rule, NULL);
	for (size_t i = 0; !result && i < policy->rules_count; i++)
		result = check_merged(&overlay, policy->rules[i]->actions, policy->rules[i]);
	if (result)
		return result;
	policy->texts = overlay.texts;
	policy->texts_count = overlay.texts_count;
	lay(&overlay.actions, &policy->no_rule);
	for (size_t i = 0; i < policy->rules_count; i++)
		lay(&overlay.actions, &policy->rules[i]->actions);
	policy->recorded &= ~overlay.actions.set;
	/* Who is only watched locks as before: its policy is no other than its neighbours'. */
	if (overlay.actions.set & ~(uint32_t)POLICY_RECORD_ACTIONS)
		policy->hash = policy_hash(policy->hash, text, len);
	return 0;
}
