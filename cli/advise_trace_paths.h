/* SPDX-License-Identifier: MIT
 * Lists for the key path. */
#ifndef CLI_ADVISE_TRACE_PATHS_H
#define CLI_ADVISE_TRACE_PATHS_H

#include <stddef.h>

/* All of these paths, by name; NULL where they are too many for one line. */
const char *advise_paths_exact(const char *const *paths, size_t count);

/* The directories that they lie in; where those are too many, what these lie in, and so on. */
const char *advise_paths_around(const char *const *paths, size_t count);

#endif
