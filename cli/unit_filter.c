/* SPDX-License-Identifier: MIT
 * The groups are those of systemd 252 (systemd-analyze syscall-filter), as far as the library's
 * calls are in them. */
#include "cli/unit_filter.h"

#include <string.h>

static const struct {
	const char *call, *group;
} groups[] = {
	{ "fcntl", "@file-system" },
	{ "statx", "@file-system" },
	{ "openat", "@file-system" },
	{ "readlinkat", "@file-system" },
	{ "fallocate", "@file-system" },
	{ "flock", "@system-service" },
	{ "kcmp", "@system-service" },
	{ "madvise", "@system-service" },
	{ "clone", "@process" },
	{ "wait4", "@process" },
	{ "fsync", "@sync" },
	{ "fdatasync", "@sync" },
	{ "execve", "@default" },
	{ "prlimit64", "@default" },
};

#define ROWS (sizeof(groups) / sizeof(groups[0]))

static const char *group_of(const char *call)
{
	for (size_t i = 0; i < ROWS; i++) {
		if (!strcmp(groups[i].call, call))
			return groups[i].group;
	}
	return NULL;
}

/* "fcntl:EPERM" answers so; on 32-bit the call is fcntl64. */
static bool covers(const char *word, const char *call)
{
	size_t len = strcspn(word, ":"), call_len = strlen(call);
	const char *group = group_of(call);

	if (*word != '@')
		return !strncmp(word, call, call_len) &&
		       (len == call_len || (len == call_len + 2 && word[call_len] == '6'));
	/* @system-service holds all of these groups. */
	return (group && strlen(group) == len && !strncmp(word, group, len)) ||
	       (group && !strncmp(word, "@system-service", len) && len == 15) ||
	       (len == 6 && !strncmp(word, "@known", len));
}

static bool names(const struct cli_unit *unit, const char *text, const char *call)
{
	const char *word;

	while ((word = cli_unit_word(unit, &text))) {
		if (covers(word, call))
			return true;
	}
	return false;
}

/* The first assignment says whether the list allows or denies; a later one of the other kind takes
 * out of it. */
const struct cli_unit_setting *cli_unit_filtered(const struct cli_unit *unit, const char *call)
{
	const struct cli_unit_setting *setting, *by = NULL;
	const char *group = group_of(call);
	bool first = true, allows = false, listed = false;
	size_t at = 0;

	while ((setting = cli_unit_next(unit, "SystemCallFilter", &at))) {
		bool denies = *setting->value == '~';

		if (first) {
			allows = !denies;
			listed = allows && group && !strcmp(group, "@default");
			by = setting;
		}
		first = false;
		if (!names(unit, setting->value + denies, call))
			continue;
		listed = denies != allows;
		by = setting;
	}
	return first || listed == allows ? NULL : by;
}

bool cli_unit_filter_kills(const struct cli_unit *unit)
{
	const char *error = cli_unit_text(unit, "SystemCallErrorNumber");

	return !error || !strcmp(error, "kill");
}
