/* SPDX-License-Identifier: MIT
 * The columns of lockshim locks: one table for text, JSON and -o. */
#ifndef CLI_LOCKS_COLUMNS_H
#define CLI_LOCKS_COLUMNS_H

#include "cli/json.h"
#include "cli/locks.h"

struct cli_locks_column {
	const char *name;
	bool right;
	bool asks; /* the file system is asked, which a dead server could hang: only by -o */
	const char *(*cell)(const struct cli_locks *locks, const struct cli_lock_row *row);
	void (*json)(struct cli_json *json, const char *key, const struct cli_locks *locks,
		     const struct cli_lock_row *row);
};

extern const struct cli_locks_column cli_locks_columns[];
extern const size_t cli_locks_columns_count;

#define CLI_LOCKS_COLUMNS_MOST 32

struct cli_locks_choice {
	const struct cli_locks_column *at[CLI_LOCKS_COLUMNS_MOST];
	size_t count;
};

/* OUTPUT: what -o has; with a + before it the default ones come first. NULL: the default ones, or
 * for JSON all but those that ask. False once it is said which column is unknown. */
bool cli_locks_choose(const char *output, bool json, struct cli_locks_choice *ret);

#endif
