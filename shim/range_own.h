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
 * -EAGAIN with *ret_refusal and nothing changed; RANGE_POSIX where a flock of this process or its
 * POSIX lock stands in the way; else -errno. */
int range_own_set(int fd, const struct mixed_range *range, struct range_refusal *ret_refusal);

#endif
