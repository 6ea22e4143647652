/* SPDX-License-Identifier: MIT
 * From what is known of a process and a file to a verdict. No memory, no system call. */
#include "policy/internal.h"

#include <string.h>

#define PROCESS_KEYS (1u << POLICY_PROGRAM | 1u << POLICY_USER | 1u << POLICY_SERVICE)

struct facts {
	const struct policy_process *process;
	const struct policy_file *file;
};

static bool knows_filesystem(const struct facts *facts)
{
	return facts->file && facts->file->filesystem_device &&
	       facts->file->device != POLICY_NO_DEVICE;
}

static bool takes_filesystem(const char *text, int filesystem, const struct facts *facts)
{
	(void)text;
	return facts->file->filesystem_device[filesystem] == facts->file->device;
}

static bool knows_path(const struct facts *facts)
{
	return facts->file && facts->file->path;
}

static bool takes_path(const char *text, int filesystem, const struct facts *facts)
{
	(void)filesystem;
	return policy_glob(text, facts->file->path);
}

static bool knows_fstype(const struct facts *facts)
{
	return facts->file && facts->file->fstype;
}

static bool takes_fstype(const char *text, int filesystem, const struct facts *facts)
{
	(void)filesystem;
	return policy_glob(text, facts->file->fstype);
}

static bool knows_exported(const struct facts *facts)
{
	return facts->file && facts->file->exported != POLICY_UNKNOWN;
}

static bool takes_exported(const char *text, int filesystem, const struct facts *facts)
{
	(void)text;
	(void)filesystem;
	return facts->file->exported == POLICY_YES;
}

static bool knows_program(const struct facts *facts)
{
	const struct policy_process *process = facts->process;

	return process && (process->executable || process->started_as || process->argv0);
}

static bool base_matches(const char *glob, const char *path)
{
	const char *slash = path ? strrchr(path, '/') : NULL;

	return path && policy_glob(glob, slash ? slash + 1 : path);
}

static bool takes_program(const char *text, int filesystem, const struct facts *facts)
{
	const struct policy_process *process = facts->process;

	(void)filesystem;
	if (strchr(text, '/'))
		return process->executable && policy_glob(text, process->executable);
	return base_matches(text, process->executable) || base_matches(text, process->started_as) ||
	       base_matches(text, process->argv0);
}

static bool knows_user(const struct facts *facts)
{
	return facts->process;
}

/* Reads digits up to END or STOP; false where there are none or too many. */
static bool read_user(const char *at, const char *end, char stop, uint32_t *ret)
{
	const char *start = at;
	uint64_t number = 0;

	for (; at < end && *at >= '0' && *at <= '9' && number <= UINT32_MAX; at++)
		number = 10 * number + (uint64_t)(*at - '0');
	*ret = (uint32_t)number;
	return at > start && number <= UINT32_MAX && (at == end || *at == stop);
}

/* The user id in the passwd line NAME:PASSWORD:UID:…, where it is NAME's. */
static bool user_of_line(const char *line, const char *end, const char *name, uint32_t *ret)
{
	size_t len = strlen(name);
	const char *colon;

	if ((size_t)(end - line) <= len || memcmp(line, name, len) || line[len] != ':')
		return false;
	line += len + 1;
	colon = memchr(line, ':', (size_t)(end - line));
	return colon && read_user(colon + 1, end, ':', ret);
}

static bool find_user(const struct policy_process *process, const char *name, uint32_t *ret)
{
	const char *at = process->passwd, *end = at ? at + process->passwd_len : at;

	while (at < end) {
		const char *newline = memchr(at, '\n', (size_t)(end - at));
		const char *line_end = newline ? newline : end;

		if (user_of_line(at, line_end, name, ret))
			return true;
		at = newline ? newline + 1 : end;
	}
	return false;
}

static bool takes_user(const char *text, int filesystem, const struct facts *facts)
{
	uint32_t user;

	(void)filesystem;
	if (!read_user(text, text + strlen(text), '\0', &user) &&
	    !find_user(facts->process, text, &user))
		return false;
	return user == facts->process->user;
}

static bool knows_service(const struct facts *facts)
{
	return facts->process && facts->process->service;
}

static bool takes_service(const char *text, int filesystem, const struct facts *facts)
{
	(void)filesystem;
	return policy_glob(text, facts->process->service);
}

/* What is asked where a key is present: is there an answer, and does an item take it? */
static const struct {
	bool (*knows)(const struct facts *facts);
	bool (*takes)(const char *text, int filesystem, const struct facts *facts);
} keys[POLICY_MATCH_COUNT] = {
	[POLICY_FILESYSTEM] = { knows_filesystem, takes_filesystem },
	[POLICY_PATH] = { knows_path, takes_path },
	[POLICY_FSTYPE] = { knows_fstype, takes_fstype },
	[POLICY_EXPORTED] = { knows_exported, takes_exported },
	[POLICY_PROGRAM] = { knows_program, takes_program },
	[POLICY_USER] = { knows_user, takes_user },
	[POLICY_SERVICE] = { knows_service, takes_service },
};

static bool list_fits(const struct policy_list *list, int match, const struct facts *facts)
{
	bool found = false, positive = false;

	for (size_t i = 0; i < list->count; i++) {
		const struct policy_item *item = &list->items[i];

		if (!item->exclude) {
			positive = true;
			if (found)
				continue;
		}
		if (!keys[match].takes(item->text, item->filesystem, facts))
			continue;
		if (item->exclude)
			return false;
		found = true;
	}
	return found || !positive;
}

/* The first of the rule's keys among KEYS_ASKED that does not fit, or -1. */
static int misfit(const struct policy_rule *rule, uint32_t keys_asked, const struct facts *facts)
{
	uint32_t asked = rule->match_set & keys_asked;

	for (int match = 0; asked; match++, asked >>= 1)
		if (asked & 1u &&
		    (!keys[match].knows(facts) || !list_fits(&rule->match[match], match, facts)))
			return match;
	return -1;
}

void policy_bind(struct policy *policy, const struct policy_process *process)
{
	const struct facts facts = { .process = process };
	bool decided = false;

	policy->bound_match = 0;
	policy->bound_count = 0;
	for (size_t i = 0; i < policy->rules_count; i++) {
		struct policy_rule *rule = policy->rules[i];

		rule->process_matches = misfit(rule, PROCESS_KEYS, &facts) < 0;
		if (!rule->process_matches || decided)
			continue;
		policy->bound[policy->bound_count++] = rule;
		policy->bound_match |= rule->match_set;
		decided = !(rule->match_set & POLICY_FILE_KEYS);
	}
}

const struct policy_actions *policy_decide(const struct policy *policy,
					   const struct policy_file *file,
					   const struct policy_rule **ret_rule)
{
	const struct facts facts = { .file = file };

	*ret_rule = NULL;
	for (size_t i = 0; i < policy->bound_count; i++) {
		const struct policy_rule *rule = policy->bound[i];

		if (misfit(rule, POLICY_FILE_KEYS, &facts) >= 0)
			continue;
		*ret_rule = rule;
		return &rule->actions;
	}
	return &policy->no_rule;
}

bool policy_could_differ(const struct policy *policy, const struct policy_file *file,
			 uint32_t unknown, const struct policy_actions *actions)
{
	const struct facts facts = { .file = file };

	for (size_t i = 0; i < policy->bound_count; i++) {
		const struct policy_rule *rule = policy->bound[i];

		if (misfit(rule, POLICY_FILE_KEYS & ~unknown, &facts) >= 0)
			continue;
		if (policy_calls_differ(&rule->actions, actions))
			return true;
		if (!(rule->match_set & unknown))
			return false;
	}
	return false;
}

int policy_rule_misfit(const struct policy_rule *rule, const struct policy_process *process,
		       const struct policy_file *file)
{
	const struct facts facts = { process, file };

	return misfit(rule, PROCESS_KEYS | POLICY_FILE_KEYS, &facts);
}

static unsigned families_of(const struct policy_actions *actions)
{
	if (actions->value[POLICY_SHADOW])
		return POLICY_FAMILY_NATIVE;
	return POLICY_FAMILY_NATIVE |
	       policy_flock_families((enum policy_flock_value)actions->value[POLICY_FLOCK]);
}

unsigned policy_families(const struct policy *policy, const struct policy_file *file)
{
	const struct facts facts = { .file = file };
	unsigned families = POLICY_FAMILY_NATIVE;
	uint32_t known = 0;

	for (int match = 0; match < POLICY_MATCH_COUNT; match++)
		if (POLICY_FILE_KEYS & 1u << match && keys[match].knows(&facts))
			known |= 1u << match;
	for (size_t i = 0; i < policy->rules_count; i++) {
		const struct policy_rule *rule = policy->rules[i];

		if (misfit(rule, known, &facts) >= 0)
			continue;
		families |= families_of(&rule->actions);
		/* It decides in every process: what follows is never asked. */
		if (!(rule->match_set & ~known))
			return families;
	}
	return families | families_of(&policy->no_rule);
}
