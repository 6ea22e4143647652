/* SPDX-License-Identifier: MIT
 * Whether a unit's SystemCallFilter= lets through what the library calls. */
#ifndef CLI_UNIT_FILTER_H
#define CLI_UNIT_FILTER_H

#include "cli/unit.h"

/* The setting that keeps CALL from the service, or NULL. CALL is one of those in the table of
 * groups; others are taken to be let through. */
const struct cli_unit_setting *cli_unit_filtered(const struct cli_unit *unit, const char *call);

/* True where a call that is kept out ends the service rather than failing. */
bool cli_unit_filter_kills(const struct cli_unit *unit);

#endif
