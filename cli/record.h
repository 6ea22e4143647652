/* SPDX-License-Identifier: MIT
 * run's --log and --trace: looked at beforehand, handed on as variables. */
#ifndef CLI_RECORD_H
#define CLI_RECORD_H

#include "cli/cli.h"

/* Sets LOCKSHIM_LOG and LOCKSHIM_TRACE as the options ask, paths made absolute. CLI_OK; or, once it
 * is said, CLI_WRONG where nothing could be written there. */
int cli_record_set(const struct cli_arguments *arguments);

#endif
