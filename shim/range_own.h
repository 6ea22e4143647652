/* SPDX-License-Identifier: MIT
 * A record lock in a process that has some already, through other descriptions of the same file:
 * they are one owner's. */
#ifndef LOCKSHIM_RANGE_OWN_H
#define LOCKSHIM_RANGE_OWN_H

#include "shim/mixed.h"

/* What another owner's lock refused, and what was held of it. */
struct range_refusal {
	int fd; /* through which it was asked for */
	struct mixed_range range;
	short held;
};

/* RANGE of FD's file, each section through the description that holds it, the rest through FD. 0;
 * -EAGAIN with *ret_refusal and nothing changed; RANGE_POSIX where a POSIX lock or a keeper of this
 * process stands in the way; else -errno. A flock of this process makes room, for good where the
 * answer is 0; else layers_regrow() is to be called. */
int range_own_set(int fd, const struct mixed_range *range, struct range_refusal *ret_refusal);

/* This process's flocks by other descriptions of FD's file leave RANGE. False: there are none that
 * could. */
bool range_own_make_room(int fd, const struct mixed_range *range);

#endif
