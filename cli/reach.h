/* SPDX-License-Identifier: MIT
 * Whether a preloaded library reaches a program, and why not. */
#ifndef CLI_REACH_H
#define CLI_REACH_H

#include "cli/library.h"

/* Warns on standard error, by name, of each executable that running FILE comes to and that the
 * library won't be loaded into, or that calls the kernel past libc. */
void cli_reach_warn(const char *file, const struct cli_library *library);

#endif
