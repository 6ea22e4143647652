/* SPDX-License-Identifier: MIT
 * What this process itself holds of a file, as the kernel tells of each of its descriptions, and
 * what the list of all locks has beside it. For foreign.c. */
#ifndef LOCKSHIM_FOREIGN_OWN_H
#define LOCKSHIM_FOREIGN_OWN_H

#include "shim/fdinfo_locks.h"
#include "shim/foreign.h"

struct own_lock {
	struct listed_lock is;
	int fd; /* of the description that has it; -1: a keeper has it */
};

/* Pages that are not touched cost nothing. */
#define OWN_ROOM ((size_t)262144)
#define OWN_FDS 64
#define OWN_LOCKS ((OWN_ROOM - 512) / sizeof(struct own_lock))

/* The locks of this process that stand against a range, each description's once. */
struct own {
	const struct mixed_range *range;
	bool unknown; /* there may be more */
	bool kept;    /* a keeper may hold one of them */
	unsigned fds, locks;
	int fd[OWN_FDS]; /* one of each description of the file */
	struct own_lock lock[];
};

_Static_assert(sizeof(struct own) <= 512, "OWN_LOCKS counts on it");

/* All of it anew, but for the range. */
void foreign_own_read(struct own *own, int fd);

/* One reading of the list of all locks: what begins lowest of that which is not in OWN, who must
 * hold something; OWN is used up. FIRST: as lock_lines_of_all() has it. */
bool foreign_own_missing(struct own *own, unsigned first, struct foreign_lock *ret);

#endif
