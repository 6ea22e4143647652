/* SPDX-License-Identifier: MIT
 * The descriptors that the calling thread has of one file. */
#ifndef LOCKSHIM_FD_LIST_H
#define LOCKSHIM_FD_LIST_H

#include <stdbool.h>
#include <sys/stat.h>

/* Calls SEE for each, in ascending order, until it answers false. 0, or -errno where they can't be
 * listed. */
int fd_list_of(const struct stat *file, bool (*see)(void *context, int fd), void *context);

/* True where both are of one open file description; false also where that can't be told. */
bool fd_is_same_description(int fd, int other);

#endif
