/* SPDX-License-Identifier: MIT
 * The program's own POSIX locks, where its flocks became OFD locks. */
#ifndef LOCKSHIM_FCNTL_LOCK_H
#define LOCKSHIM_FCNTL_LOCK_H

#include <stdbool.h>
#include <stdint.h>

enum fcntl_lock_kind { FCNTL_GET, FCNTL_SET, FCNTL_WAIT };

/* The command that asks for the same without waiting. */
int fcntl_lock_trial(int command);

/* fcntl's F_GETLK, F_SETLK and F_SETLKW, and their 64 on 32-bit. As the next fcntl would answer if
 * this process's own OFD locks were flocks. */
int fcntl_lock(int (*next_fcntl)(int, int, ...), enum fcntl_lock_kind kind, int fd, int command,
	       void *argument);

/* The same for lockf, whose section begins at the file offset. */
int fcntl_lockf(int (*next_lockf)(int, int, int64_t), int fd, int command, int64_t len);

#endif
