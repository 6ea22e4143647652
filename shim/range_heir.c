/* SPDX-License-Identifier: MIT
 * Record locks through a description that another process may have: as POSIX locks, but for what is
 * left of OFD locks that came with it. */
#include <errno.h>
#include <poll.h>

#include "policy/sys.h"
#include "shim/deadlock.h"
#include "shim/deferred.h"
#include "shim/fd_list.h"
#include "shim/heir.h"
#include "shim/layers.h"
#include "shim/note.h"
#include "shim/ofd_commands.h"
#include "shim/pieces.h"
#include "shim/range.h"
#include "shim/range_core.h"
#include "shim/say.h"

/* A record lock that came with the description stands against RANGE. */
static bool inherited_against(int fd, const struct mixed_range *range, struct mixed_range *ret)
{
	struct pieces *held = sys_pages(sizeof *held);
	bool stands = false;
	unsigned i;

	if (!held)
		return false;
	if (layers_ranges(fd, held))
		for (i = 0; !stands && i < held->count; i++) {
			*ret = held->at[i];
			stands = range_overlaps(ret, range) &&
				 (range->type != F_RDLCK || ret->type == F_WRLCK);
		}
	sys_pages_free(held, sizeof *held);
	return stands;
}

#define ADOPTED 2

static int try_posix(int fd, const struct mixed_range *range)
{
	int result = range_ask(fd, F_SETLK, range);
	struct stat st;

	if (!result)
		mixed_note_posix();
	if (!result && say_debugging() && !sys_fstat(fd, &st))
		say_aside(ASIDE_INHERITED, st.st_dev, st.st_ino, NULL);
	return result;
}

/* Refused as a POSIX lock: -EAGAIN, RANGE_POSIX where it is a stranger's or a flock's, or ADOPTED.
 * What is left of a process that ended is nobody's. */
static int look_at_inherited(int fd, const struct mixed_range *range,
			     const struct mixed_range *clipped)
{
	struct mixed_range inherited;

	if (!inherited_against(fd, clipped, &inherited))
		return RANGE_POSIX;
	switch (heir_whose(fd)) {
	case HEIR_OURS:
		heir_adopt(fd);
		return ADOPTED;
	case HEIR_NOBODYS:
		inherited.type = F_UNLCK;
		(void)range_unlock_one(fd, &inherited);
		return try_posix(fd, range);
	default:
		return -EAGAIN;
	}
}

static int try_inherited(int fd, const struct mixed_range *range, const struct mixed_range *clipped)
{
	int result = try_posix(fd, range);

	return result == -EAGAIN ? look_at_inherited(fd, range, clipped) : result;
}

/* As long as the other process has it, only now and then: that means to look through /proc. */
#define LOOK_EVERY 16

static int poll_once(int fd, const struct mixed_range *range, const struct mixed_range *clipped,
		     unsigned round, struct deadlock_wait *wait, bool *ret_restart)
{
	struct deferred deferred;
	int result;

	deferred_begin(&deferred);
	deferred_sleep(&deferred, 0);
	if (deferred_due(&deferred, ret_restart))
		result = -EINTR;
	else if (round % LOOK_EVERY)
		result = try_posix(fd, range);
	else
		result = try_inherited(fd, range, clipped);
	if (result == -EAGAIN && deadlock_found(wait))
		result = -EDEADLK;
	deferred_end(&deferred);
	return result;
}

/* Polled: the kernel would wait for a lock of this process's own description, which it may come to
 * own while it waits. */
static int wait_inherited(int fd, const struct mixed_range *range,
			  const struct mixed_range *clipped)
{
	struct deadlock_wait wait;
	bool restart = true;
	unsigned round = 0;
	int result;

	deadlock_begin_polled(&wait, fd, range->type, range->start, range->end);
	do {
		result = poll_once(fd, range, clipped, ++round, &wait, &restart);
		/* A cancellation point that is in every libc. */
		(void)poll(NULL, 0, 0);
	} while (result == -EAGAIN || (result == -EINTR && restart));
	deadlock_end(&wait);
	return result;
}

int range_set_inherited(int fd, const struct mixed_range *range, const struct mixed_range *clipped,
			bool wait)
{
	int result = try_inherited(fd, range, clipped), own = -1;

	if (result == RANGE_POSIX)
		own = range_own_beside(fd);
	if (own >= 0)
		return range_set_own(own, clipped, wait);
	if (result == -EAGAIN && wait)
		result = wait_inherited(fd, range, clipped);
	/* What was inherited may be a part of it, or of the other type. */
	return result == ADOPTED ? range_set_own(fd, clipped, wait) : result;
}

void range_unlock_other(int fd, const struct mixed_range *range)
{
	struct mixed_range inherited;

	if (heir_is(fd)) {
		if (!inherited_against(fd, range, &inherited) || heir_whose(fd) != HEIR_OURS)
			return;
		heir_adopt(fd);
	}
	(void)range_unlock_one(fd, range);
}

int range_unlock_inherited(int fd, const struct mixed_range *range)
{
	struct mixed_range inherited;
	int result = 0;

	if (inherited_against(fd, range, &inherited) && heir_whose(fd) == HEIR_OURS) {
		heir_adopt(fd);
		result = range_unlock_one(fd, range);
	}
	range_unlock_others(fd, range);
	return result ? result : RANGE_POSIX;
}

/* Of the locks that came with this process's descriptors those that are another's still. */
static bool others_by_heirs(int fd, const struct mixed_range *range, struct foreign_lock *ret)
{
	int heir = note_next_marked(0, MARK_HEIR);

	for (; heir >= 0; heir = note_next_marked(heir + 1, MARK_HEIR))
		if (fd_is_same_file(fd, heir) && inherited_against(heir, range, &ret->range) &&
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
