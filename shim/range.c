/* SPDX-License-Identifier: MIT
 * One lock call where nothing stands in the way and no other descriptor has any; what a refusal
 * means is looked up after it. */
#include "shim/range.h"

#include <errno.h>

#include "policy/sys.h"
#include "shim/deadlock.h"
#include "shim/deferred.h"
#include "shim/hazard.h"
#include "shim/hazard_meet.h"
#include "shim/heir.h"
#include "shim/layers.h"
#include "shim/mixed_own.h"
#include "shim/next.h"
#include "shim/note.h"
#include "shim/ofd_commands.h"
#include "shim/pieces.h"
#include "shim/range_own.h"

static bool used;

bool range_used(void)
{
	return __atomic_load_n(&used, __ATOMIC_RELAXED);
}

static bool is_same_file(int fd, int other)
{
	struct stat a, b;

	return !sys_fstat(other, &b) && !sys_fstat(fd, &a) && a.st_ino == b.st_ino &&
	       a.st_dev == b.st_dev;
}

/* By the next fcntl: another preload's, and a cancellation point where it waits. */
static int ask(int fd, int command, const struct mixed_range *range)
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

static int granted(int fd)
{
	note_mark(fd, MARK_RANGES);
	if (!range_used())
		__atomic_store_n(&used, true, __ATOMIC_RELAXED);
	return 0;
}

static int wait_for(int fd, const struct mixed_range *range)
{
	struct deadlock_wait wait;
	int result = deadlock_begin(&wait, fd, range->type, range->start, range->end);

	if (!result)
		result = ask(fd, F_OFD_SETLKW, range);
	deadlock_end(&wait);
	return result;
}

static bool is_all_of(const struct range_refusal *refusal, int fd, const struct mixed_range *range)
{
	return refusal->fd == fd && refusal->held == F_UNLCK &&
	       refusal->range.start == range->start && refusal->range.end == range->end;
}

/* A part of it that was waited for is let go again: who is interrupted later must not have it. */
static int refused(int fd, const struct mixed_range *range, bool wait)
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
		(void)ask(refusal.fd, F_OFD_SETLK, &refusal.range);
	}
	if (result < 0)
		mixed_regrow(fd);
	return result == -EDEADLK && !wait ? -EAGAIN : result;
}

/* A description of this process's own that has record locks on FD's file, and no flock; -1: none.
 */
static int own_beside(int fd)
{
	int other = note_next_marked(0, MARK_RANGES);

	for (; other >= 0; other = note_next_marked(other + 1, MARK_RANGES))
		if (other != fd && !heir_is(other) && is_same_file(fd, other) &&
		    (!layers_flock_met() || own_ofd_type(other) == F_UNLCK))
			return other;
	return -1;
}

/* Refused on a description that has a flock, too: by another of this process's, or a stranger. */
static int set_layered(int fd, const struct mixed_range *range, bool wait)
{
	int result = layers_range(fd, range, false), own = -1;

	if (result == -EAGAIN)
		own = own_beside(fd);
	if (own >= 0)
		return refused(own, range, wait);
	return result == -EAGAIN && wait ? layers_range(fd, range, true) : result;
}

static int set_own(int fd, const struct mixed_range *range, bool wait)
{
	int result = layers_flock_met() ? set_layered(fd, range, wait) : LAYERS_NONE;

	if (result != LAYERS_NONE)
		return result ? result : granted(fd);
	result = ask(fd, F_OFD_SETLK, range);
	if (result == -EAGAIN)
		result = refused(fd, range, wait);
	return result ? result : granted(fd);
}

/* A record lock that came with the description stands against RANGE. */
static bool inherited_against(int fd, const struct mixed_range *range, struct mixed_range *ret)
{
	struct pieces *held = sys_pages(sizeof *held);
	bool stands = false;
	unsigned i;

	if (!held)
		return false;
	if (pieces_read(held, fd) && pieces_type_at(held, MIXED_EOF) == F_UNLCK)
		for (i = 0; !stands && i < held->count; i++) {
			*ret = held->at[i];
			stands = ret->start <= range->end && ret->end >= range->start &&
				 (range->type != F_RDLCK || ret->type == F_WRLCK);
		}
	sys_pages_free(held, sizeof *held);
	return stands;
}

#define ADOPTED 2

/* 0, -EAGAIN, RANGE_POSIX or ADOPTED. What is left of a process that ended is this one's. */
static int try_inherited(int fd, const struct mixed_range *range, const struct mixed_range *clipped)
{
	int result = ask(fd, F_SETLK, range);
	struct mixed_range inherited;

	if (!result) {
		mixed_note_posix();
		return 0;
	}
	if (result != -EAGAIN)
		return result;
	if (!inherited_against(fd, clipped, &inherited))
		return RANGE_POSIX;
	switch (heir_whose(fd)) {
	case HEIR_OURS:
		heir_adopt(fd);
		return ADOPTED;
	case HEIR_NOBODYS:
		inherited.type = F_UNLCK;
		(void)ask(fd, F_OFD_SETLK, &inherited);
		return try_inherited(fd, range, clipped);
	default:
		return -EAGAIN;
	}
}

/* Polled: the kernel would wait for a lock of this process's own description, which it may come to
 * own while it waits. */
static int wait_inherited(int fd, const struct mixed_range *range,
			  const struct mixed_range *clipped)
{
	struct deadlock_wait wait;
	struct deferred deferred;
	bool restart = true;
	int result;

	do {
		deferred_begin(&deferred);
		deadlock_begin_polled(&wait, fd, range->type, range->start, range->end);
		while ((result = try_inherited(fd, range, clipped)) == -EAGAIN) {
			deferred_sleep(&deferred, 0);
			if (deadlock_found(&wait))
				result = -EDEADLK;
			else if (deferred_due(&deferred, &restart))
				result = -EINTR;
			if (result != -EAGAIN)
				break;
		}
		deadlock_end(&wait);
		deferred_end(&deferred);
	} while (result == -EINTR && restart);
	return result;
}

static int set_inherited(int fd, const struct mixed_range *range, const struct mixed_range *clipped,
			 bool wait)
{
	int result = try_inherited(fd, range, clipped), own = -1;

	if (result == RANGE_POSIX)
		own = own_beside(fd);
	if (own >= 0)
		return set_own(own, clipped, wait);
	if (result == -EAGAIN && wait)
		result = wait_inherited(fd, range, clipped);
	/* What was inherited may be a part of it, or of the other type. */
	return result == ADOPTED ? set_own(fd, clipped, wait) : result;
}

static int unlock_one(int fd, const struct mixed_range *range)
{
	int result = layers_flock_met() ? layers_range(fd, range, false) : LAYERS_NONE;

	return result == LAYERS_NONE ? ask(fd, F_OFD_SETLK, range) : result;
}

/* The program's locks through other descriptors of the file go too. */
static void unlock_other(int fd, const struct mixed_range *range)
{
	struct mixed_range inherited;

	if (heir_is(fd)) {
		if (!inherited_against(fd, range, &inherited) || heir_whose(fd) != HEIR_OURS)
			return;
		heir_adopt(fd);
	}
	(void)unlock_one(fd, range);
}

static void unlock_others(int fd, const struct mixed_range *range)
{
	const unsigned marks = MARK_RANGES | MARK_TWIN;
	int other = note_next_marked(0, marks);

	for (; other >= 0; other = note_next_marked(other + 1, marks))
		if (other != fd && is_same_file(fd, other))
			unlock_other(other, range);
}

static int unlock_inherited(int fd, const struct mixed_range *range)
{
	struct mixed_range inherited;
	int result = 0;

	if (inherited_against(fd, range, &inherited) && heir_whose(fd) == HEIR_OURS) {
		heir_adopt(fd);
		result = unlock_one(fd, range);
	}
	unlock_others(fd, range);
	return result ? result : RANGE_POSIX;
}

static int unlock(int fd, const struct mixed_range *range)
{
	int result = unlock_one(fd, range);

	unlock_others(fd, range);
	deadlock_released();
	if (!result && mixed_posix_used())
		return RANGE_POSIX;
	if (!result)
		mixed_regrow(fd);
	return result;
}

/* In an heir, or where it begins behind the end: as it is. */
int range_set(int fd, struct mixed_range range, bool wait)
{
	struct mixed_range clipped = range;
	bool heir;

	if (range.start > LAYERS_RANGE_END)
		return RANGE_POSIX;
	if (range.end > LAYERS_RANGE_END)
		clipped.end = LAYERS_RANGE_END;
	heir = heir_is(fd);
	if (range.type == F_UNLCK)
		return heir ? unlock_inherited(fd, &clipped) : unlock(fd, &clipped);
	return heir ? set_inherited(fd, &range, &clipped, wait) : set_own(fd, &clipped, wait);
}

/* Of the locks that came with this process's descriptors those that are another's still. */
static bool others_by_heirs(int fd, const struct mixed_range *range, struct foreign_lock *ret)
{
	int heir = note_next_marked(0, MARK_HEIR);

	for (; heir >= 0; heir = note_next_marked(heir + 1, MARK_HEIR))
		if (is_same_file(fd, heir) && inherited_against(heir, range, &ret->range) &&
		    heir_whose(heir) == HEIR_THEIRS) {
			ret->pid = -1;
			return true;
		}
	return false;
}

bool range_get(int fd, const struct mixed_range *range, struct foreign_lock *ret)
{
	if (!others_by_heirs(fd, range, ret) && !foreign_against(fd, range, ret))
		return false;
	if (ret->range.end >= LAYERS_RANGE_END)
		ret->range.end = MIXED_EOF;
	return true;
}
