/* SPDX-License-Identifier: MIT
 * One lock call where nothing stands in the way and no other descriptor has any; what a refusal
 * means is looked up after it. */
#include "shim/range.h"

#include <errno.h>

#include "policy/sys.h"
#include "shim/deadlock.h"
#include "shim/deferred.h"
#include "shim/fd_list.h"
#include "shim/hazard.h"
#include "shim/hazard_meet.h"
#include "shim/heir.h"
#include "shim/layers.h"
#include "shim/mixed_own.h"
#include "shim/next.h"
#include "shim/note.h"
#include "shim/ofd_commands.h"
#include "shim/range_core.h"
#include "shim/range_divided.h"
#include "shim/range_own.h"
#include "shim/record.h"

static bool used;

void range_note_used(void)
{
	if (!range_used())
		__atomic_store_n(&used, true, __ATOMIC_RELAXED);
}

bool range_used(void)
{
	return __atomic_load_n(&used, __ATOMIC_RELAXED);
}

int range_ask(int fd, int command, const struct mixed_range *range)
{
	struct flock record = {
		.l_type = range->type,
		.l_whence = SEEK_SET,
		.l_start = range->start,
		.l_len = range->end == MIXED_EOF ? 0 : range->end - range->start + 1,
	};
	int saved = errno, result = NEXT(fcntl64)(fd, command, &record) ? -errno : 0;

	errno = saved;
	return result == -EACCES ? -EAGAIN : result;
}

static uint32_t hash_of(int fd)
{
	struct stat file;

	if (sys_fstat(fd, &file))
		return 0;
	return (uint32_t)((((uint64_t)file.st_ino ^ (uint64_t)file.st_dev << 40) *
			   0xff51afd7ed558ccdu) >>
			  32) |
	       1;
}

static int granted(int fd)
{
	if (!(note_marks(fd) & MARK_RANGES)) {
		note_mark(fd, MARK_RANGES);
		note_set_file(fd, hash_of(fd));
	}
	range_note_used();
	return 0;
}

static int wait_for(int fd, const struct mixed_range *range)
{
	struct deadlock_wait wait;
	int result = deadlock_begin(&wait, fd, range->type, range->start, range->end);

	if (!result)
		result = range_ask(fd, F_OFD_SETLKW, range);
	deadlock_end(&wait);
	return result;
}

static bool is_all_of(const struct range_refusal *refusal, int fd, const struct mixed_range *range)
{
	return refusal->fd == fd && refusal->held == F_UNLCK &&
	       refusal->range.start == range->start && refusal->range.end == range->end;
}

/* A part of it that was waited for is let go again: who is interrupted later must not have it. */
int range_refused(int fd, const struct mixed_range *range, bool wait)
{
	struct range_refusal refusal;
	int result;

	if (hazard_shown())
		hazard_record_refused(fd, range);
	for (;;) {
		result = range_own_set(fd, range, &refusal);
		if (result != -EAGAIN || !wait)
			break;
		result = wait_for(refusal.fd, &refusal.range);
		if (result || is_all_of(&refusal, fd, range))
			break;
		refusal.range.type = refusal.held;
		(void)range_ask(refusal.fd, F_OFD_SETLK, &refusal.range);
	}
	if (result < 0)
		mixed_regrow(fd);
	/* By another of this process's, which is not open for it. */
	if (result == -EBADF && record_is_open_for(fd, range->type))
		result = -EDEADLK;
	return result == -EDEADLK && !wait ? -EAGAIN : result;
}

int range_own_beside(int fd)
{
	int other = note_next_marked(0, MARK_RANGES);

	for (; other >= 0; other = note_next_marked(other + 1, MARK_RANGES))
		if (other != fd && !heir_is(other) && fd_is_same_file(fd, other) &&
		    (!layers_flock_met() || own_ofd_type(other) == F_UNLCK))
			return other;
	return -1;
}

/* Refused on a description that has a flock, too: by another of this process's, or a stranger. */
static int set_layered(int fd, const struct mixed_range *range, bool wait)
{
	int result = layers_range(fd, range, false), own = -1;

	if (result == -EAGAIN)
		own = range_own_beside(fd);
	if (own >= 0)
		return range_divided_set(fd, own, range, wait);
	if (result != -EAGAIN)
		return result;
	if (!range_own_make_room(fd, range))
		return wait ? layers_range(fd, range, true) : result;
	result = layers_range(fd, range, wait);
	if (result)
		mixed_regrow(fd);
	return result;
}

int range_set_own(int fd, const struct mixed_range *range, bool wait)
{
	int result = LAYERS_NONE;

	/* Not said by the kernel where a flock covers it. */
	if (layers_flock_met())
		result =
			record_is_open_for(fd, range->type) ? set_layered(fd, range, wait) : -EBADF;
	if (result != LAYERS_NONE)
		return result ? result : granted(fd);
	result = range_ask(fd, F_OFD_SETLK, range);
	if (result == -EAGAIN)
		result = range_refused(fd, range, wait);
	return result ? result : granted(fd);
}

int range_unlock_one(int fd, const struct mixed_range *range)
{
	return layers_flock_met() ? range_set_one(fd, range) : range_ask(fd, F_OFD_SETLK, range);
}

/* Duplicates that were made before the lock. */
static void learn_files(void)
{
	int twin = note_next_marked(0, MARK_TWIN);

	for (; twin >= 0; twin = note_next_marked(twin + 1, MARK_TWIN))
		if (!note_file(twin))
			note_set_file(twin, hash_of(twin));
}

/* By what was noted of the file, and then by the kernel: a number may have been closed unseen. */
void range_unlock_others(int fd, const struct mixed_range *range)
{
	const unsigned marks = MARK_RANGES | MARK_TWIN;
	int other = note_next_marked(0, marks);
	uint32_t file;

	if (other == fd)
		other = note_next_marked(fd + 1, marks);
	if (other < 0)
		return;
	learn_files();
	file = hash_of(fd);
	for (other = note_next_file(0, file); other >= 0; other = note_next_file(other + 1, file))
		if (other != fd && note_marks(other) & marks && fd_is_same_file(fd, other))
			range_unlock_other(other, range);
}

static int unlock(int fd, const struct mixed_range *range)
{
	int result = range_unlock_one(fd, range);

	range_unlock_others(fd, range);
	deadlock_released();
	if (!result && mixed_posix_used())
		return RANGE_POSIX;
	if (!result)
		mixed_regrow(fd);
	return result;
}

/* Another's lock lies behind the end alone: a flock that left out bytes to its own record locks, or
 * a record lock there. What stands before the end, too, the kernel waits for. */
static bool stands_behind(int fd, const struct mixed_range *clipped)
{
	const struct mixed_range behind = { LAYERS_RANGE_END + 1, MIXED_EOF, clipped->type };
	struct flock record = { .l_type = behind.type,
				.l_whence = SEEK_SET,
				.l_start = behind.start };
	struct foreign_lock foreign;

	if (sys_fcntl(fd, F_OFD_GETLK, &record) || record.l_type == F_UNLCK)
		return false;
	return record_is_open_for(fd, clipped->type) && foreign_against(fd, &behind, &foreign) &&
	       !foreign_against(fd, clipped, &foreign);
}

/* A lock to the end of the file is refused by what lies behind the end that it has. One call where
 * there is nothing. */
static int ask_behind(int fd, const struct mixed_range *clipped, bool wait)
{
	int result = 0;

	while (!result && stands_behind(fd, clipped)) {
		if (hazard_shown())
			hazard_record_refused(fd, &(struct mixed_range){ clipped->start, MIXED_EOF,
									 clipped->type });
		result = wait ? deferred_pause() : -EAGAIN;
	}
	return result;
}

/* In an heir, or where it begins behind the end: as it is. */
int range_set(int fd, struct mixed_range range, bool wait)
{
	struct mixed_range clipped = range;
	bool heir;
	int result;

	if (range.start > LAYERS_RANGE_END)
		return RANGE_POSIX;
	if (range.end > LAYERS_RANGE_END)
		clipped.end = LAYERS_RANGE_END;
	heir = heir_is(fd);
	if (!heir && range.type != F_UNLCK && range.end == MIXED_EOF) {
		result = ask_behind(fd, &clipped, wait);
		if (result)
			return result;
	}
	if (range.type == F_UNLCK)
		return heir ? range_unlock_inherited(fd, &clipped) : unlock(fd, &clipped);
	return heir ? range_set_inherited(fd, &range, &clipped, wait)
		    : range_set_own(fd, &clipped, wait);
}
