/* SPDX-License-Identifier: MIT
 * The kernel tells what a description holds, not who took it: a mark tells what this process took.
 */
#include "shim/hazard_ofd.h"

#include <pthread.h>

#include "policy/sys.h"
#include "shim/fd_list.h"
#include "shim/fdinfo_locks.h"
#include "shim/hazard.h"
#include "shim/heir.h"
#include "shim/mixed.h"
#include "shim/note.h"
#include "shim/say.h"

static bool is_not_taken(void *context, int fd)
{
	bool *taken = context;

	*taken = note_marks(fd) & (MARK_TAKEN | MARK_RANGES) || note_get(fd) & NOTE_OFD;
	return !*taken;
}

/* Through any of its descriptors of the file; where they can't be listed, it may have. */
static bool has_taken(int fd)
{
	bool taken = false;
	struct stat file;

	return sys_fstat(fd, &file) || fd_list_of(&file, is_not_taken, &taken) || taken;
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
	if (!has_taken(fd))
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

static bool forget(void *context, int fd)
{
	if (fd_is_same_description(fd, *(const int *)context))
		note_unmark(fd, MARK_TAKEN);
	return true;
}

static void let_go(int fd)
{
	struct hazard_ofd left;
	struct stat file;

	read_held(&left, fd);
	if (!left.count && !sys_fstat(fd, &file))
		(void)fd_list_of(&file, forget, &fd);
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
	    stood(before, &range) && heir_shares(fd))
		hazard_met_at(HAZARD_SHARED_DESCRIPTION, fd, NULL, 0);
	note_mark(fd, MARK_TAKEN);
}

static void took_nothing(void)
{
	int fd = note_next_marked(0, MARK_TAKEN);

	for (; fd >= 0; fd = note_next_marked(fd + 1, MARK_TAKEN))
		note_unmark(fd, MARK_TAKEN);
}

__attribute__((constructor)) static void watch_from_load(void)
{
	if (hazard_start())
		(void)pthread_atfork(NULL, NULL, took_nothing);
}
