/* SPDX-License-Identifier: MIT
 * One open file description, two processes: OFD locks don't exclude them. Only to be called where
 * hazard_shown(). */
#ifndef LOCKSHIM_HAZARD_OFD_H
#define LOCKSHIM_HAZARD_OFD_H

#include <stdbool.h>
#include <stdint.h>

/* What stood on a description that this process had not taken. */
#define HAZARD_OFD_MAX 8
struct hazard_ofd {
	unsigned count;
	struct {
		int64_t start, end;
	} at[HAZARD_OFD_MAX];
};

/* Before FD's OFD lock is asked for, and after it was granted or let go: RECORD is what F_OFD_SETLK
 * was given, a struct flock with 64-bit offsets. */
void hazard_ofd_before(struct hazard_ofd *ret, int fd);
void hazard_ofd_after(const struct hazard_ofd *before, int fd, const void *record);

/* Whether this call is one to look around at: each under LOCKSHIM_DEBUG; for trace and log alone
 * the first ones through a description, and a few in each second, since looking costs more than the
 * call. */
bool hazard_ofd_due(int fd);
/* After a lock that was granted beside the looks. */
void hazard_ofd_taken(int fd, const void *record);

#endif
