/* SPDX-License-Identifier: MIT
 * The kernel tells what a description holds, not who took it: a mark tells what this process took.
 */
#include "shim/hazard_ofd.h"

#include <pthread.h>

#include "policy/sys.h"
#include "shim/at_load.h"
#include "shim/fd_list.h"
#include "shim/fdinfo_locks.h"
#include "shim/hazard.h"
#include "shim/hazard_sharer.h"
#include "shim/mixed.h"
#include "shim/note.h"
#include "shim/say.h"
#include "shim/watch_file.h"

static bool is_same_file(int fd, int other)
{
	struct stat one, two;

	return !sys_fstat(fd, &one) && !sys_fstat(other, &two) && one.st_ino == two.st_ino &&
	       one.st_dev == two.st_dev;
}

/* Through any of its descriptors of the file. */
static bool has_taken(int fd)
{
	int by = note_next_marked(0, MARK_TAKEN | MARK_RANGES);

	for (; by >= 0; by = note_next_marked(by + 1, MARK_TAKEN | MARK_RANGES))
		if (is_same_file(fd, by))
			return true;
	for (by = note_next(0, NOTE_OFD); by >= 0; by = note_next(by + 1, NOTE_OFD))
		if (is_same_file(fd, by))
			return true;
	return false;
}

/* Asked without a descriptor of our own: as a rule there is no such lock. */
static bool has_ofd_locks(int fd)
{
	struct flock record = { .l_type = F_WRLCK, .l_whence = SEEK_SET };

	return !sys_fcntl(fd, F_GETLK, &record) && record.l_type != F_UNLCK;
}

static void read_held(struct hazard_ofd *ret, int fd)
{
	struct listed_lock held;
	struct lock_lines lines;

	ret->count = 0;
	if (!lock_lines_of(&lines, fd))
		while (ret->count < HAZARD_OFD_MAX && lock_lines_next(&lines, &held))
			if (held.family == LISTED_OFD && !held.wait) {
				ret->at[ret->count].start = held.start;
				ret->at[ret->count++].end = held.end;
			}
	lock_lines_end(&lines);
}

void hazard_ofd_before(struct hazard_ofd *ret, int fd)
{
	ret->count = 0;
	if (has_ofd_locks(fd) && !has_taken(fd))
		read_held(ret, fd);
}

static bool stood(const struct hazard_ofd *before, const struct mixed_range *range)
{
	unsigned i;

	for (i = 0; i < before->count; i++)
		if (before->at[i].start <= range->end && before->at[i].end >= range->start)
			return true;
	return false;
}

static void let_go(int fd)
{
	struct hazard_ofd left = { 0 };
	int by;

	if (has_ofd_locks(fd))
		read_held(&left, fd);
	if (left.count)
		return;
	for (by = note_next_marked(0, MARK_TAKEN); by >= 0;
	     by = note_next_marked(by + 1, MARK_TAKEN))
		if (by == fd || fd_is_same_description(by, fd))
			note_unmark(by, MARK_TAKEN);
}

void hazard_ofd_after(const struct hazard_ofd *before, int fd, const void *record)
{
	const struct flock *asked = record;
	struct mixed_range range;

	if (asked->l_type == F_UNLCK) {
		let_go(fd);
		return;
	}
	if (before->count &&
	    mixed_range_of(fd, asked->l_whence, asked->l_start, asked->l_len, &range) &&
	    stood(before, &range) && hazard_is_shared(fd))
		hazard_met_at(HAZARD_SHARED_DESCRIPTION, fd, NULL, 0);
	note_mark(fd, MARK_TAKEN);
}

static void took_nothing(void)
{
	int fd = note_next_marked(0, MARK_TAKEN);

	for (; fd >= 0; fd = note_next_marked(fd + 1, MARK_TAKEN))
		note_unmark(fd, MARK_TAKEN);
}

__attribute__((constructor)) AT_LOAD static void watch_from_load(void)
{
	if (hazard_start())
		(void)pthread_atfork(NULL, NULL, took_nothing);
}
