/* SPDX-License-Identifier: MIT
 * Looks at each number through which a lock of a rule was taken, or a record lock of the program's
 * own. Reads /proc; only where hazards are shown. */
#include "shim/hazard_posix.h"

#include <pthread.h>

#include "policy/sys.h"
#include "shim/at_load.h"
#include "shim/fd_list.h"
#include "shim/hazard.h"
#include "shim/hazard_sharer.h"
#include "shim/heir.h"
#include "shim/mixed_own.h"
#include "shim/note.h"
#include "shim/start.h"

static bool is_regular(int fd, struct stat *ret)
{
	return !sys_fstat(fd, ret) && S_ISREG(ret->st_mode);
}

/* The first number from AT on with one of MARKS, of FILE where that is not NULL; -1: none. */
static int next_marked(int at, unsigned marks, const struct stat *file)
{
	struct stat found;

	for (at = note_next_marked(at, marks); at >= 0; at = note_next_marked(at + 1, marks))
		if (is_regular(at, &found) &&
		    (!file || (found.st_ino == file->st_ino && found.st_dev == file->st_dev)))
			return at;
	return -1;
}

static void unmark_all(unsigned marks, const struct stat *file)
{
	int fd = next_marked(0, marks, file);

	for (; fd >= 0; fd = next_marked(fd + 1, marks, file))
		note_unmark(fd, marks);
}

/* Where the kernel can't tell descriptions apart, none is another's. */
static bool is_other_description(int fd, int other)
{
	return fd_is_same_description(fd, fd) && !fd_is_same_description(fd, other);
}

static bool stands_against(int fd, const struct mixed_range *range)
{
	struct own_ranges own;
	bool stands = false;
	unsigned i;

	own_ranges_read(&own, fd);
	for (i = 0; i < own.count; i++)
		stands |= own.at[i].start <= range->end && own.at[i].end >= range->start &&
			  (own.at[i].type == F_WRLCK || range->type == F_WRLCK);
	own_ranges_free(&own);
	return stands;
}

bool hazard_posix_is_beside(int fd, const struct mixed_range *range)
{
	struct stat file;
	int held;

	if (!is_regular(fd, &file))
		return false;
	held = next_marked(0, MARK_HELD, &file);
	while (held >= 0 && !is_other_description(fd, held))
		held = next_marked(held + 1, MARK_HELD, &file);
	return held >= 0 && stands_against(fd, range);
}

void hazard_posix_granted(int fd, bool beside)
{
	note_mark(fd, MARK_HELD);
	if (beside)
		hazard_met_at(HAZARD_SAME_PROCESS, fd, NULL, 0);
}

void hazard_posix_releasing(int fd)
{
	struct stat file;

	if (!is_regular(fd, &file))
		return;
	if (next_marked(0, MARK_RECORD, &file) >= 0 && mixed_has_posix(fd))
		hazard_met_at(HAZARD_FCNTL, fd, "both are let go of now", 0);
	unmark_all(MARK_HELD | MARK_RECORD, &file);
}

bool hazard_posix_asking(int fd, const struct mixed_range *range)
{
	if (range->type != F_UNLCK)
		return hazard_posix_is_beside(fd, range);
	hazard_posix_releasing(fd);
	return false;
}

/* On its way it was taken for a record lock of the program's own. */
void hazard_posix_asked(int fd, const struct mixed_range *range, bool beside)
{
	note_unmark(fd, MARK_RECORD);
	if (range->type != F_UNLCK)
		hazard_posix_granted(fd, beside);
	else if (mixed_has_posix(fd))
		note_mark(fd, MARK_HELD);
}

static bool is_whole(const struct own_ranges *own)
{
	return own->count == 1 && own->at[0].start == 0 && own->at[0].end == MIXED_EOF;
}

static void look_for_cut(int fd, const struct stat *file)
{
	struct own_ranges own;

	own_ranges_read(&own, fd);
	if (!is_whole(&own) && next_marked(0, MARK_HELD, file) >= 0)
		hazard_met_at(HAZARD_FCNTL, fd, "an unlock by fcntl took from both", 0);
	if (!own.count)
		unmark_all(MARK_HELD | MARK_RECORD, file);
	own_ranges_free(&own);
}

void hazard_posix_recorded(int fd, short type)
{
	struct stat file;

	if (!is_regular(fd, &file))
		return;
	if (type != F_UNLCK)
		note_mark(fd, MARK_RECORD);
	else if (note_next_marked(0, MARK_HELD | MARK_RECORD) >= 0)
		look_for_cut(fd, &file);
}

/* What a close leaves of the file that a lock was taken on through HELD. */
struct closing {
	unsigned first, last;
	int held;
	bool closes; /* a number of the file */
	bool stays;  /* a number of the description */
};

static bool look_at(void *context, int fd)
{
	struct closing *closing = context;

	if ((unsigned)fd >= closing->first && (unsigned)fd <= closing->last)
		closing->closes = true;
	else if (fd == closing->held || fd_is_same_description(fd, closing->held))
		closing->stays = true;
	return !closing->closes || !closing->stays;
}

static void look_for_drop(struct closing *closing, const struct stat *file)
{
	closing->closes = closing->stays = false;
	if (fd_list_of(file, look_at, closing) || !closing->closes)
		return;
	if (closing->stays && note_marks(closing->held) & MARK_HELD &&
	    mixed_has_posix(closing->held))
		hazard_met(HAZARD_CLOSE, file->st_dev, file->st_ino, NULL);
	unmark_all(MARK_HELD | MARK_RECORD, file);
}

/* Descriptor 2 is about to go, and with it the last moment to say what will be lost at exit. */
static void say_last_words(void);

void hazard_posix_closing(unsigned first, unsigned last)
{
	struct closing closing = { .first = first, .last = last };
	struct stat file, held;

	if (note_next_marked(0, MARK_HELD | MARK_RECORD) < 0)
		return;
	if (first <= 2 && last >= 2)
		say_last_words();
	/* A program may close all numbers one by one. */
	if (first == last &&
	    (!is_regular((int)first, &file) || next_marked(0, MARK_HELD | MARK_RECORD, &file) < 0))
		return;
	closing.held = next_marked(0, MARK_HELD | MARK_RECORD, NULL);
	for (; closing.held >= 0;
	     closing.held = next_marked(closing.held + 1, MARK_HELD | MARK_RECORD, NULL))
		if (is_regular(closing.held, &held))
			look_for_drop(&closing, &held);
}

void hazard_posix_replacing(int from, int to)
{
	if (to >= 0 && from != to && sys_fcntl(from, F_GETFD, NULL) >= 0)
		hazard_posix_closing((unsigned)to, (unsigned)to);
}

static bool forked; /* since it was loaded */

static void before_fork(void)
{
	int fd = next_marked(0, MARK_HELD, NULL);

	for (; fd >= 0; fd = next_marked(fd + 1, MARK_HELD, NULL))
		if (mixed_has_posix(fd))
			hazard_met_at(HAZARD_FORK, fd, "a child that is forked now has no part", 0);
}

static void in_child(void)
{
	__atomic_store_n(&forked, true, __ATOMIC_RELAXED);
}

static void say_last_words(void)
{
	bool by_fork = __atomic_load_n(&forked, __ATOMIC_RELAXED);
	int fd = next_marked(0, MARK_HELD, NULL);

	for (; fd >= 0; fd = next_marked(fd + 1, MARK_HELD, NULL))
		if (heir_is(fd) && mixed_has_posix(fd) && hazard_is_shared(fd))
			hazard_met_at(by_fork ? HAZARD_FORK : HAZARD_EXEC, fd,
				      by_fork ? "it ends with this child, whoever has the "
						"description"
					      : NULL,
				      0);
}

__attribute__((destructor)) AT_LOAD static void say_at_exit(void)
{
	if (hazard_posix_watched())
		say_last_words();
}

static bool makes_posix(const struct policy_actions *actions)
{
	return actions->value[POLICY_FLOCK] == POLICY_FLOCK_POSIX ||
	       actions->value[POLICY_OFD_CALLS] == POLICY_OFD_CALLS_POSIX;
}

__attribute__((constructor)) AT_LOAD static void watch_from_load(void)
{
	const struct shim_state *state = shim_state();

	if (!hazard_start() || !shim_may_choose(state->policy, makes_posix))
		return;
	(void)pthread_atfork(before_fork, NULL, in_child);
	heed_from_now(HEED_POSIX);
}
