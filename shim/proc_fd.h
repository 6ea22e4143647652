/* SPDX-License-Identifier: MIT
 * What /proc knows of a descriptor of the calling thread. */
#ifndef LOCKSHIM_PROC_FD_H
#define LOCKSHIM_PROC_FD_H

#include <stddef.h>

#include "shim/own_fd.h"

/* The link of /proc/…/fd/FD as readlink gives it: its length, not terminated, or -errno. */
long proc_fd_link(int fd, char *into, size_t room);

/* /proc/…/fdinfo/FD, open for reading: 0 or -errno. own_fd_close() in any case. */
int proc_fd_open_info(struct own_fd *ret, int fd);

/* The text of /proc/…/fdinfo/FD, terminated, cut at room - 1 bytes: its length, or -errno. */
long proc_fd_info(int fd, char *into, size_t room);

#endif
