/* SPDX-License-Identifier: MIT
 * What /proc knows of a descriptor of the calling thread. */
#ifndef LOCKSHIM_PROC_FD_H
#define LOCKSHIM_PROC_FD_H

#include <stddef.h>

/* The link of /proc/…/fd/FD as readlink gives it: its length, not terminated, or -errno. */
long proc_fd_link(int fd, char *into, size_t room);

/* The text of /proc/…/fdinfo/FD, terminated, cut at room - 1 bytes: its length, or -errno. */
long proc_fd_info(int fd, char *into, size_t room);

#endif
