/* SPDX-License-Identifier: MIT
 * The program's record locks, by fcntl and lockf, as OFD locks: closing another descriptor of the
 * file drops them no more. The process stays one owner, as it is of POSIX locks: what it holds
 * through one descriptor does not refuse it through another, and is let go through any. */
#ifndef LOCKSHIM_RANGE_H
#define LOCKSHIM_RANGE_H

#include "shim/foreign.h"

/* To be asked of the kernel as a POSIX lock: FD's description may be another process's too, or a
 * flock of this process stands there by another descriptor. POSIX and OFD locks refuse each other,
 * so others are kept out all the same. */
#define RANGE_POSIX 1

/* 0, RANGE_POSIX, or -errno. RANGE's type may be F_UNLCK. WAIT: as F_SETLKW, and a cancellation
 * point. */
int range_set(int fd, struct mixed_range range, bool wait);

/* Whether one was granted so in this process. */
bool range_used(void);
void range_note_used(void);

/* As F_GETLK: false where nothing of another owner stands against RANGE. */
bool range_get(int fd, const struct mixed_range *range, struct foreign_lock *ret);

#endif
