/* SPDX-License-Identifier: MIT
 * The names of a directory that are numbers: descriptors, processes. */
#ifndef LOCKSHIM_NUMBERS_H
#define LOCKSHIM_NUMBERS_H

#include <stdbool.h>

/* Calls SEE for each, in the directory's order, until it answers false; not for the descriptor by
 * which one of /proc/self is read. 0, or -errno where it can't be read. */
int numbers_each(const char *directory, bool (*see)(void *context, int number), void *context);

#endif
