/* SPDX-License-Identifier: MIT
 * One open file description, two processes: OFD locks don't exclude them. Only to be called where
 * hazard_shown(). */
#ifndef LOCKSHIM_HAZARD_OFD_H
#define LOCKSHIM_HAZARD_OFD_H

#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>

#include "shim/note.h"
#include "shim/say.h"
#include "shim/watch_file.h"

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
static inline bool hazard_ofd_due(int fd)
{
	struct watch_file *file = say_debugging() ? NULL : watch_file_known(fd);

	if (!file)
		return true;
	if (!file->ofd_looks)
		return false;
	file->ofd_looks--;
	return true;
}

/* After a lock that was granted beside the looks. */
static inline void hazard_ofd_taken(int fd, const void *record)
{
	const struct flock *asked = (const struct flock *)record;

	if (asked->l_type != F_UNLCK)
		note_mark(fd, MARK_TAKEN);
}

#endif
