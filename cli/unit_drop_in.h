/* SPDX-License-Identifier: MIT
 * The drop-in that gives a service the library: its text, and its coming and going. */
#ifndef CLI_UNIT_DROP_IN_H
#define CLI_UNIT_DROP_IN_H

#include "cli/unit_plan.h"

/* The path without the root before it. */
const char *cli_unit_drop_in_path(const struct cli_unit *unit);

const char *cli_unit_drop_in_text(const struct cli_unit_plan *plan);

enum cli_unit_written { CLI_UNIT_FAILED, CLI_UNIT_SAME, CLI_UNIT_WRITTEN, CLI_UNIT_ABSENT };

/* By a new file renamed over the old one. FAILED once it is said why: a file there that is not ours
 * stays as it is. */
enum cli_unit_written cli_unit_drop_in_write(const struct cli_unit *unit, const char *text);

/* Removes the file, and its directory where nothing else is in it. */
enum cli_unit_written cli_unit_drop_in_remove(const struct cli_unit *unit);

#endif
