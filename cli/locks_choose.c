/* SPDX-License-Identifier: MIT
 * Which columns are shown: the default ones, or what -o names. */
#include "cli/locks_columns.h"

#include <err.h>
#include <string.h>
#include <strings.h>

static const char defaults[] = "COMMAND,PID,FAMILY,ASKED,MODE,START,END,HOLDERS,BLOCKER,NOTES,PATH";

static bool choose_one(const char *name, size_t len, struct cli_locks_choice *ret)
{
	for (size_t i = 0; i < cli_locks_columns_count; i++) {
		if (strlen(cli_locks_columns[i].name) != len ||
		    strncasecmp(cli_locks_columns[i].name, name, len) != 0)
			continue;
		if (ret->count == CLI_LOCKS_COLUMNS_MOST) {
			warnx("--output: too many columns");
			return false;
		}
		ret->at[ret->count++] = &cli_locks_columns[i];
		return true;
	}
	warnx("--output: unknown column '%.*s'; see lockshim locks --help", (int)len, name);
	return false;
}

static bool choose_list(const char *list, struct cli_locks_choice *ret)
{
	while (list) {
		size_t len = strcspn(list, ",");

		if (!choose_one(list, len, ret))
			return false;
		list = list[len] ? list + len + 1 : NULL;
	}
	return true;
}

bool cli_locks_choose(const char *output, bool json, struct cli_locks_choice *ret)
{
	*ret = (struct cli_locks_choice){ .count = 0 };
	for (size_t i = 0; !output && json && i < cli_locks_columns_count; i++) {
		if (!cli_locks_columns[i].asks)
			ret->at[ret->count++] = &cli_locks_columns[i];
	}
	if (!output && json)
		return true;
	if (!output)
		return choose_list(defaults, ret);
	if (*output == '+')
		return choose_list(defaults, ret) && choose_list(output + 1, ret);
	return choose_list(output, ret);
}
