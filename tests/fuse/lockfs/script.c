/* SPDX-License-Identifier: MIT
 * Words to rules, and requests to rules. */
#include "tests/fuse/lockfs/script.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "policy/policy.h"

#define RULES_MAX 256
#define ERRNO_MAX 512 /* the kernel takes no other from a FUSE server */

static const struct {
	const char *name;
	uint32_t operations;
} names[] = {
	{ "open", OP_OPEN },
	{ "create", OP_CREATE },
	{ "read", OP_READ },
	{ "write", OP_WRITE },
	{ "truncate", OP_TRUNCATE },
	{ "fsync", OP_FSYNC },
	{ "fdatasync", OP_FDATASYNC },
	{ "flush", OP_FLUSH },
	{ "release", OP_RELEASE },
	{ "getlk", OP_GETLK },
	{ "setlk", OP_SETLK },
	{ "setlkw", OP_SETLKW },
	{ "unlk", OP_UNLK },
	{ "flock", OP_FLOCK },
	{ "flockw", OP_FLOCKW },
	{ "unflock", OP_UNFLOCK },
	{ "lock", OP_SETLK | OP_SETLKW | OP_FLOCK | OP_FLOCKW },
	{ "unlock", OP_UNLK | OP_UNFLOCK },
	{ "sync", OP_FSYNC | OP_FDATASYNC },
	{ "any", UINT32_MAX },
};

static const struct {
	const char *name;
	enum action action;
	bool has_value;
} actions[] = {
	{ "answer", ACTION_ANSWER, true }, { "wait", ACTION_WAIT, true },
	{ "hold", ACTION_HOLD, false },    { "hang", ACTION_HANG, false },
	{ "crash", ACTION_CRASH, false },
};

static struct rule rules[RULES_MAX];
static size_t count;

const char *operation_name(enum operation operation)
{
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (names[i].operations == (uint32_t)operation)
			return names[i].name;
	return NULL;
}

uint32_t operations_named(const char *name)
{
	for (size_t i = 0; name && i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(names[i].name, name) == 0)
			return names[i].operations;
	return 0;
}

static int read_number(const char *word, unsigned *ret_number)
{
	char *end = NULL;
	unsigned long number = word ? strtoul(word, &end, 10) : 0;

	*ret_number = (unsigned)number;
	return end && end != word && !*end ? 0 : -EINVAL;
}

static int read_turn(struct rule *rule, char *word)
{
	size_t length = word ? strlen(word) : 0;

	rule->turn = 1;
	rule->and_later = length && (word[length - 1] == '+' || word[length - 1] == '*');
	if (length == 1 && *word == '*')
		return 0;
	if (rule->and_later)
		word[length - 1] = '\0';
	return read_number(word, &rule->turn);
}

static int read_errno(const char *word, unsigned *ret_number)
{
	for (unsigned error = 1; word && error < ERRNO_MAX; error++) {
		const char *name = policy_errno_name((int)error);

		if (!name || strcmp(name, word) != 0)
			continue;
		*ret_number = error;
		return 0;
	}
	return read_number(word, ret_number) || *ret_number >= ERRNO_MAX ? -EINVAL : 0;
}

static int read_action(struct rule *rule, const char *name, const char *value)
{
	for (size_t i = 0; name && i < sizeof(actions) / sizeof(actions[0]); i++) {
		if (strcmp(actions[i].name, name) != 0)
			continue;
		rule->action = actions[i].action;
		if (!actions[i].has_value)
			return value ? -EINVAL : 0;
		return rule->action == ACTION_ANSWER ? read_errno(value, &rule->value)
						     : read_number(value, &rule->value);
	}
	return -EINVAL;
}

int script_add(char *words)
{
	struct rule rule = { 0 };
	char *rest = words, *word[5];

	for (size_t i = 0; i < 5; i++)
		word[i] = strtok_r(rest, " ", &rest);
	rule.operations = operations_named(word[0]);
	if (!rule.operations || !word[1] || count == RULES_MAX || read_turn(&rule, word[2]) ||
	    !rule.turn || read_action(&rule, word[3], word[4]))
		return -EINVAL;
	rule.file = strcmp(word[1], "*") ? strdup(word[1]) : NULL;
	rules[count++] = rule;
	return 0;
}

void script_clear(void)
{
	while (count)
		free(rules[--count].file);
}

void script_forget(const char *file)
{
	size_t left = 0;

	for (size_t i = 0; i < count; i++) {
		if (rules[i].file && strcmp(rules[i].file, file) == 0)
			free(rules[i].file);
		else
			rules[left++] = rules[i];
	}
	count = left;
}

static bool is_turn_of(struct rule *rule)
{
	if (rule->turn > 1) {
		rule->turn--;
		return false;
	}
	if (!rule->turn)
		return false;
	if (!rule->and_later)
		rule->turn = 0;
	return true;
}

const struct rule *script_decides(enum operation operation, const char *file)
{
	const struct rule *decides = NULL;

	for (size_t i = 0; i < count; i++) {
		if (!(rules[i].operations & operation))
			continue;
		if (rules[i].file && strcmp(rules[i].file, file) != 0)
			continue;
		if (is_turn_of(&rules[i]) && !decides)
			decides = &rules[i];
	}
	return decides;
}
