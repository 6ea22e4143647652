/* SPDX-License-Identifier: MIT
 * The descriptors that the calling thread has of one file. */
#ifndef LOCKSHIM_FD_LIST_H
#define LOCKSHIM_FD_LIST_H

#include <stdbool.h>
#include <sys/stat.h>

/* Calls SEE for each, in ascending order, until it answers false. 0, or -errno where they can't be
 * listed. */
int fd_list_of(const struct stat *file, bool (*see)(void *context, int fd), void *context);

bool fd_is_same_file(int fd, int other);

/* Whether both are of one open file description: 1 yes, 0 no, -1 it can't be told (a sandbox, a
 * kernel without kcmp). */
int fd_same_description(int fd, int other);

/* False also where that can't be told. */
static inline bool fd_is_same_description(int fd, int other)
{
	return fd_same_description(fd, other) > 0;
}

#endif
