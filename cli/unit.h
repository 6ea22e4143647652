/* SPDX-License-Identifier: MIT
 * A systemd service as its unit files have it: read by ourselves, since a machine that is being
 * built, or is off, has no systemctl to ask. */
#ifndef CLI_UNIT_H
#define CLI_UNIT_H

#include <stdbool.h>
#include <stddef.h>

#define CLI_UNIT_DROP_IN "lockshim.conf" /* the name of ours */

struct cli_unit_setting {
	const char *section, *key, *value; /* the value with its lines joined */
	const char *file;                  /* without the root before it */
	unsigned line;
};

struct cli_unit {
	const char *root; /* put before each path that is opened; "" is this system */
	const char *name; /* "mail@one.service" */
	const char *file; /* its main file */
	struct cli_unit_setting *settings; /* in the order in which systemd applies them */
	size_t count;
	size_t ours; /* settings from here on go over those of our drop-in */
};

/* NAME with or without ".service". CLI_OK; or CLI_WRONG once it is said what is wrong: a name that
 * is none, no such unit, one that is masked. WHOLE: with our own drop-in. */
int cli_unit_load(const char *root, const char *name, bool whole, struct cli_unit *ret);

/* Name and root alone, as far as they can be told: the unit may be gone. */
int cli_unit_name(const char *root, const char *name, struct cli_unit *ret);

/* The last assignment to KEY of [Service]; NULL where there is none or it is empty. */
const struct cli_unit_setting *cli_unit_last(const struct cli_unit *unit, const char *key);

/* Value of the last assignment, or NULL. */
const char *cli_unit_text(const struct cli_unit *unit, const char *key);
bool cli_unit_is_on(const struct cli_unit *unit, const char *key);

/* The next assignment to KEY of [Service] from *AT on that counts for a list: those before an empty
 * one don't. NULL: no more. */
const struct cli_unit_setting *cli_unit_next(const struct cli_unit *unit, const char *key,
					     size_t *at);

/* The next word of a value, quotes and backslashes undone, %n, %i and their like replaced; NULL at
 * the end. */
const char *cli_unit_word(const struct cli_unit *unit, const char **at);

/* The same; *ret_unknown: the last specifier in it that stays since only the running systemd can
 * tell what it is, "%m", or NULL. */
const char *cli_unit_word_of(const struct cli_unit *unit, const char **at,
			     const char **ret_unknown);

/* The value as one, where a setting has no words: specifiers alone are replaced. */
const char *cli_unit_expand(const struct cli_unit *unit, const char *value,
			    const char **ret_unknown);

/* The value that NAME gets by Environment=; *ret_from may be NULL. NULL: none. */
const char *cli_unit_variable(const struct cli_unit *unit, const char *name,
			      const struct cli_unit_setting **ret_from);

/* "FILE:LINE: KEY=VALUE" */
const char *cli_unit_place(const struct cli_unit_setting *setting);

#endif
