/* SPDX-License-Identifier: MIT
 * What a unit's hardening makes of a path: hidden, read-only, or as it is. systemd.exec(5). */
#ifndef CLI_UNIT_PATHS_H
#define CLI_UNIT_PATHS_H

#include "cli/unit.h"

enum cli_unit_sight {
	CLI_UNIT_WRITABLE, /* as its mode has it */
	CLI_UNIT_READ_ONLY,
	CLI_UNIT_PRIVATE, /* another directory lies over it */
	CLI_UNIT_HIDDEN,
};

/* *ret_by: the setting that says so, "ProtectSystem=strict"; not set where it is WRITABLE. */
enum cli_unit_sight cli_unit_see(const struct cli_unit *unit, const char *path,
				 const char **ret_by);

/* The path, of the system and below its root, of what a Bind*Paths= puts there; NULL: none does. */
const char *cli_unit_bound_from(const struct cli_unit *unit, const char *path);

/* True where PATH is DIRECTORY or below it. */
bool cli_unit_is_below(const char *path, const char *directory);

#endif
