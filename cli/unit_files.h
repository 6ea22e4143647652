/* SPDX-License-Identifier: MIT
 * Finds and reads the files of a unit. */
#ifndef CLI_UNIT_FILES_H
#define CLI_UNIT_FILES_H

#include "cli/unit.h"

/* Where administrators put their own; ours goes there. */
#define CLI_UNIT_OWN_DIRECTORY "/etc/systemd/system"

/* What is read: a growing array of settings. */
struct cli_unit_settings {
	struct cli_unit_setting *at;
	size_t count, room;
};

/* The text of PATH below ROOT, symbolic links followed below ROOT too. *ret_path: where they lead.
 * NULL with errno. */
const char *cli_unit_read_below(const char *root, const char *path, const char **ret_path);

/* Adds the settings of TEXT. */
void cli_unit_parse(const char *text, const char *file, struct cli_unit_settings *settings);

/* The main file of NAME, a template's for an instance: path without root, or NULL. */
const char *cli_unit_find(const char *root, const char *name);

/* Paths of the drop-ins of NAME in the order in which they apply, NULL behind the last. */
const char **cli_unit_drop_ins(const char *root, const char *name);

/* "mail@.service" of "mail@one.service", or NULL. */
const char *cli_unit_template(const char *name);

#endif
