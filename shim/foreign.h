/* SPDX-License-Identifier: MIT
 * Who stands in the way: a lock of another owner than this process, as if all its OFD locks and its
 * POSIX locks were of one owner. The kernel's own questions know one description or the other. */
#ifndef LOCKSHIM_FOREIGN_H
#define LOCKSHIM_FOREIGN_H

#include "shim/mixed.h"

struct foreign_lock {
	struct mixed_range range;
	int pid; /* as F_GETLK has it: -1 where it belongs to a description */
};

/* A lock of another owner that stands against RANGE of FD's file: a POSIX lock of another process,
 * or an OFD lock of a description that this process has not. What a keeper holds for one of its
 * descriptions is its own. Where the kernel has to be asked for the list, the one that begins
 * lowest; else the one that it names first. False: none. Without /proc, what is not seen to be
 * another's is taken for our own; an OFD lock that FD's description has not is another's. About
 * three system calls where nobody's OFD lock is there; else it reads fdinfo of this process's
 * descriptors of the file, and /proc/locks where they alone don't tell. */
bool foreign_against(int fd, const struct mixed_range *range, struct foreign_lock *ret);

#endif
