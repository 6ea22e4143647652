/* SPDX-License-Identifier: MIT
 * Whether a preloaded library reaches a program, and why not. */
#ifndef CLI_REACH_H
#define CLI_REACH_H

#include "cli/library.h"

/* Why the library is not loaded into FILE, or sees nothing there. */
typedef void cli_reach_tell(void *context, const char *file, const char *why);

/* Tells of each executable that running FILE comes to, with the rights of this process. */
void cli_reach_each(const char *file, const struct cli_library *library, cli_reach_tell *tell,
		    void *context);

/* Warns on standard error, by name, of each executable that running FILE comes to and that the
 * library won't be loaded into, or that calls the kernel past libc. */
void cli_reach_warn(const char *file, const struct cli_library *library);

#endif
