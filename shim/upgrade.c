/* SPDX-License-Identifier: MIT
 * The kernel looks for no cycle among OFD locks. Who waits here leaves a byte out of its shared
 * lock, which /proc/locks shows to the next. */
#include "shim/upgrade.h"

#include "policy/sys.h"
#include "shim/deadlock.h"
#include "shim/deferred.h"
#include "shim/fdinfo_locks.h"
#include "shim/hazard.h"
#include "shim/keeper.h"
#include "shim/keeper_bytes.h"
#include "shim/mixed_own.h"
#include "shim/ofd_commands.h"
#include "shim/record.h"

/* [0, GAP) and (GAP, EOF] are held: behind any file's end, so that nobody takes the byte alone but
 * one who means to. Each has a byte of its own, as far as 499 go. */
#define GAP_FIRST (KEEPER_END - 1000)
#define GAP_LAST (KEEPER_END - 4)

/* Some OFD lock of FD's description: its file, as /proc/locks and fdinfo name it. */
static bool lock_of(int fd, struct listed_lock *ret)
{
	struct lock_lines lines;
	bool found = false, open = !lock_lines_of(&lines, fd);

	while (open && !found && lock_lines_next(&lines, ret))
		found = ret->family == LISTED_OFD;
	lock_lines_end(&lines);
	return found;
}

/* The end of its first piece; 0: no upgrade of this file. */
static int64_t gap_in(const struct listed_lock *lock, const struct listed_lock *file)
{
	if (lock->family != LISTED_OFD || lock->type != F_RDLCK || lock->wait || lock->start ||
	    lock->inode != file->inode || lock->major != file->major || lock->minor != file->minor)
		return 0;
	return lock->end >= GAP_FIRST - 1 && lock->end < GAP_LAST ? lock->end + 1 : 0;
}

/* What the list shows of this description: the lowest of its gaps, where its threads wait too. */
static int64_t own_gap(int fd, const struct listed_lock *file)
{
	struct lock_lines lines;
	struct listed_lock lock;
	bool open = !lock_lines_of(&lines, fd);
	int64_t gap = 0;

	while (open && !gap && lock_lines_next(&lines, &lock))
		gap = gap_in(&lock, file);
	lock_lines_end(&lines);
	return gap;
}

/* True where one that goes before us, or has the same sign, is in one reading of the list. */
static bool is_another_listed(const struct listed_lock *file, int64_t ours, unsigned first)
{
	struct lock_lines lines;
	struct listed_lock lock;
	bool open = !lock_lines_of_all(&lines, first), lower = false;
	unsigned same = 0;
	int64_t gap;

	while (open && lock_lines_next(&lines, &lock)) {
		gap = gap_in(&lock, file);
		same += gap == ours;
		lower = lower || (gap && gap < ours);
	}
	lock_lines_end(&lines);
	return lower || same > 1;
}

/* True where one that goes before us waits too. The list is no snapshot: a line may be missing, so
 * this is asked again and again, or be there twice, and three readings have to have it. */
static bool must_yield(const struct listed_lock *file, int64_t ours)
{
	unsigned first = 4096;

	while (ours && first > 2500 && is_another_listed(file, ours, first))
		first -= 600;
	return ours && first <= 2500;
}

static int64_t choose_gap(void)
{
	uint64_t thread = (uint64_t)syscall(SYS_gettid);

	return GAP_FIRST + (int64_t)(thread % 499) * 2;
}

/* Who publishes what it waits for is found by those who do too. Who doesn't, another user's process
 * or one without a state, sees the sign alone. */
#define ROUNDS_FOR_OTHERS 20

/* Polled, every 10 ms: who waits in the kernel can't be told of a sign. */
static int poll_for(int fd, const struct listed_lock *file, struct deferred *deferred,
		    struct deadlock_wait *wait, bool *ret_restart)
{
	unsigned round = wait->record ? 0 : ROUNDS_FOR_OTHERS;
	int result;

	for (;; round++) {
		result = record_set(fd, F_OFD_SETLK, F_WRLCK, 0, 0);
		if (result != -EAGAIN && result != -EACCES)
			return result;
		if (deadlock_found(wait))
			return -EDEADLK;
		if (round >= ROUNDS_FOR_OTHERS && must_yield(file, own_gap(fd, file))) {
			hazard_met_at(HAZARD_DEADLOCK, fd, NULL, 0);
			return -EDEADLK;
		}
		keeper_let_leave(fd);
		deferred_sleep(deferred, 0);
		if (deferred_due(deferred, ret_restart))
			return -EINTR;
	}
}

int upgrade_wait(int fd)
{
	const int64_t gap = choose_gap();
	struct deadlock_wait wait;
	struct deferred deferred;
	struct listed_lock file;
	bool restart = true;
	int result;

	/* Without a shared lock there is nothing to keep. */
	if (!lock_of(fd, &file))
		return record_set(fd, F_OFD_SETLKW, F_WRLCK, 0, 0);
	do {
		deferred_begin(&deferred);
		(void)record_set(fd, F_OFD_SETLK, F_UNLCK, gap, 1);
		deadlock_begin_polled(&wait, fd, F_WRLCK, 0, INT64_MAX);
		result = poll_for(fd, &file, &deferred, &wait, &restart);
		deadlock_end(&wait);
		/* Who shares the description may have been granted the exclusive one. */
		if (result && own_ofd_type(fd) == F_RDLCK)
			(void)record_set(fd, F_OFD_SETLK, F_RDLCK, gap, 1);
		deferred_end(&deferred);
	} while (result == -EINTR && restart);
	return result;
}
