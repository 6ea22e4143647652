/* SPDX-License-Identifier: MIT
 * Nothing is remembered but that both families were used: who holds what is read from the kernel.
 */
#include "shim/mixed.h"

#include <errno.h>

#include "policy/sys.h"
#include "shim/deadlock.h"
#include "shim/deferred.h"
#include "shim/foreign.h"
#include "shim/layers.h"
#include "shim/mixed_files.h"
#include "shim/mixed_hidden.h"
#include "shim/mixed_own.h"
#include "shim/ofd_commands.h"
#include "shim/range.h"
#include "shim/record.h"

static bool posix_used;

void mixed_note_posix(void)
{
	if (!__atomic_load_n(&posix_used, __ATOMIC_RELAXED))
		__atomic_store_n(&posix_used, true, __ATOMIC_RELAXED);
}

bool mixed_posix_used(void)
{
	return __atomic_load_n(&posix_used, __ATOMIC_RELAXED);
}

static int set_range(int fd, int command, short type, int64_t start, int64_t end)
{
	return record_set(fd, command, type, start, end == MIXED_EOF ? 0 : end - start + 1);
}

/* The lock that the kernel names first against RANGE; false where there is none. */
static bool first_against(int fd, int command, const struct mixed_range *range, struct flock *ret)
{
	*ret = (struct flock){
		.l_type = range->type,
		.l_whence = SEEK_SET,
		.l_start = range->start,
		.l_len = range->end == MIXED_EOF ? 0 : range->end - range->start + 1,
	};
	return !sys_fcntl(fd, command, ret) && ret->l_type != F_UNLCK;
}

/* The program may have taken it before exec, or past us. */
bool mixed_has_posix(int fd)
{
	struct own_ranges own;
	bool has;

	own_ranges_read(&own, fd);
	has = own.count;
	own_ranges_free(&own);
	return has;
}

/* The last byte first: from then on nobody else has the whole file. A refusal ends it and gives the
 * piece, unless what is to be had is to be TAKEN all the same. */
static int take_around(int fd, short type, const struct own_ranges *own, bool taken,
		       struct mixed_range *ret_refused)
{
	struct mixed_range piece = { MIXED_EOF, MIXED_EOF, type };
	int result = set_range(fd, F_OFD_SETLK, type, piece.start, piece.end);
	int64_t at = 0;
	unsigned i;

	for (i = 0; (!result || taken) && i <= own->count && at < MIXED_EOF; i++) {
		piece.start = at;
		piece.end = i < own->count ? own->at[i].start - 1 : MIXED_EOF;
		if (piece.end >= piece.start)
			result = set_range(fd, F_OFD_SETLK, type, piece.start, piece.end);
		if (i < own->count)
			at = own->at[i].end == MIXED_EOF ? MIXED_EOF : own->at[i].end + 1;
	}
	*ret_refused = piece;
	return result;
}

/* A POSIX lock that reaches the end and lies behind MIXED_END alone would be lost without a trace.
 */
static bool can_move(const struct mixed_range *range)
{
	return range->start <= MIXED_END || range->end < MIXED_EOF;
}

static void give_up_end(int fd, const struct own_ranges *own)
{
	if (own->count && own->at[own->count - 1].end == MIXED_EOF)
		(void)set_range(fd, F_SETLK, F_UNLCK, MIXED_END + 1, MIXED_EOF);
}

static bool meets_own(int fd, const struct mixed_range *range)
{
	struct flock record;

	return first_against(fd, F_OFD_GETLK, range, &record) && record.l_pid == sys_getpid();
}

/* By what they are now: another thread may have let go of them. */
static void give_back_end(int fd)
{
	struct own_ranges own;
	unsigned i;

	own_ranges_read(&own, fd);
	for (i = 0; i < own.count; i++)
		if (own.at[i].end == MIXED_END)
			(void)set_range(fd, F_SETLK, own.at[i].type, MIXED_END + 1, MIXED_EOF);
	own_ranges_free(&own);
}

/* TYPE over the whole file, as far as it is free. */
static void take_what_is_free(int fd, short type)
{
	struct mixed_range refused;
	struct own_ranges own;

	if (!set_range(fd, F_OFD_SETLK, type, 0, MIXED_EOF))
		return;
	own_ranges_read(&own, fd);
	(void)take_around(fd, type, &own, true, &refused);
	own_ranges_free(&own);
}

/* 0; OWN: the list of our own locks was not whole; OTHER: another's lock stands at *ret_refused;
 * HIDDEN: it stands where our own read lock does. */
enum { OWN = 1, OTHER, HIDDEN };
static int take_once(int fd, short type, struct mixed_range *ret_refused)
{
	struct own_ranges own;
	int result;

	own_ranges_read(&own, fd);
	if (own.count && !can_move(&own.at[own.count - 1])) {
		own_ranges_free(&own);
		return -EDEADLK;
	}
	give_up_end(fd, &own);
	result = take_around(fd, type, &own, false, ret_refused);
	if (!result && type == F_WRLCK && hidden_stands(fd, &own, ret_refused))
		result = HIDDEN;
	own_ranges_free(&own);
	if (result != -EAGAIN)
		return result;
	return meets_own(fd, ret_refused) ? OWN : OTHER;
}

/* For the piece alone, so that the kernel does not wait for our own locks beside it. Who waits
 * holds nothing, as with flock: another of two that wait may be granted. But its fcntl locks it
 * does hold, and may be waited for itself. */
static int wait_for(int fd, const struct mixed_range *piece, bool atomic, bool hidden)
{
	struct deadlock_wait wait;
	int result;

	if (!atomic) {
		(void)set_range(fd, F_OFD_SETLK, F_UNLCK, 0, MIXED_EOF);
		give_back_end(fd);
	}
	result = deadlock_begin(&wait, fd, piece->type, piece->start, piece->end);
	if (!result)
		result =
			hidden ? hidden_wait(fd, piece)
			       : set_range(fd, F_OFD_SETLKW, piece->type, piece->start, piece->end);
	deadlock_end(&wait);
	return result;
}

/* How often a list may be found not to be whole: other threads lock and unlock meanwhile. */
#define ROUNDS 200

static int take_all(int fd, short type, bool blocking, bool atomic)
{
	struct mixed_range refused;
	unsigned round;
	int result = OWN, failed = 0;

	for (round = 0; result > 0 && round < ROUNDS; round += result == OWN) {
		result = take_once(fd, type, &refused);
		if (result > OWN && !blocking)
			return -EWOULDBLOCK;
		if (result > OWN)
			failed = wait_for(fd, &refused, atomic, result == HIDDEN);
		if (failed)
			return failed;
	}
	return result > 0 ? -EDEADLK : result;
}

int mixed_take_ofd(int fd, short type, bool blocking, bool atomic)
{
	const struct mixed_range whole = { 0, MIXED_EOF, type };
	bool own = meets_own(fd, &whole);
	short held;
	int result;

	if (!own && (!blocking || !mixed_posix_used() || !mixed_has_posix(fd)))
		return -EAGAIN;
	held = own_ofd_type(fd);
	/* Natively there would be nothing to do. */
	if (held == type)
		return 0;
	result = take_all(fd, type, blocking, atomic);
	if (!result) {
		mixed_files_note(fd);
		return 0;
	}
	if (atomic && held != F_UNLCK)
		take_what_is_free(fd, held);
	else
		(void)set_range(fd, F_OFD_SETLK, F_UNLCK, 0, MIXED_EOF);
	give_back_end(fd);
	return result == -EDEADLK && !blocking ? -EWOULDBLOCK : result;
}

/* False where a record lock of another process stands beside a flock that both have. */
static bool take_from(const struct own_holders *holders, const struct mixed_range *range)
{
	bool taken = true;
	unsigned i;

	for (i = 0; taken && i < holders->count; i++)
		if (layers_watching())
			taken = layers_make_room(holders->at[i].fd, range);
		else
			(void)set_range(holders->at[i].fd, F_OFD_SETLK, F_UNLCK, range->start,
					range->end);
	return taken;
}

static void clip(int fd, struct mixed_range *range)
{
	int64_t end = layers_watching() ? LAYERS_RANGE_END : MIXED_END;

	if (range->end != MIXED_EOF || range->start > end)
		return;
	range->end = end;
	(void)set_range(fd, F_SETLK, F_UNLCK, end + 1, MIXED_EOF);
}

enum mixed_room mixed_make_room(int fd, struct mixed_range *range, bool blocking)
{
	struct own_holders holders;
	struct foreign_lock foreign;

	if (!blocking && foreign_against(fd, range, &foreign))
		return MIXED_NONE;
	own_holders_find(&holders, fd);
	if (blocking && (holders.kept || (holders.count && !can_move(range)) ||
			 (holders.unknown && !foreign_against(fd, range, &foreign))))
		return MIXED_NEVER;
	if (!holders.count || !can_move(range))
		return MIXED_NONE;
	clip(fd, range);
	mixed_files_note(fd);
	if (take_from(&holders, range))
		return MIXED_MADE;
	mixed_regrow(fd);
	return blocking ? MIXED_NEVER : MIXED_NONE;
}

/* Threads in regrow(), which no signal interrupts: who lets go of a flock meanwhile may find it
 * taken back. */
static unsigned growing;

/* The number may have been closed and be another file's. */
static void grow(const struct own_holder *holder, const struct stat *file)
{
	struct stat now;

	take_what_is_free(holder->fd, holder->type);
	if (!sys_fstat(holder->fd, &now) &&
	    (now.st_ino != file->st_ino || now.st_dev != file->st_dev))
		(void)set_range(holder->fd, F_OFD_SETLK, F_UNLCK, 0, MIXED_EOF);
}

static void regrow(const struct stat *file)
{
	struct own_holders holders;
	struct deferred deferred;
	unsigned i;

	deferred_begin(&deferred);
	__atomic_fetch_add(&growing, 1, __ATOMIC_SEQ_CST);
	if (range_used()) {
		layers_regrow(file);
	} else {
		own_holders_of(&holders, file);
		for (i = 0; i < holders.count; i++)
			grow(&holders.at[i], file);
	}
	__atomic_fetch_sub(&growing, 1, __ATOMIC_SEQ_CST);
	deferred_end(&deferred);
}

void mixed_regrow(int fd)
{
	struct stat file;

	if (mixed_files_any() && !sys_fstat(fd, &file) && mixed_files_lists(&file))
		regrow(&file);
}

bool mixed_met(void)
{
	return mixed_files_any();
}

bool mixed_closing(int fd, struct stat *ret_file)
{
	return mixed_met() && !sys_fstat(fd, ret_file) && S_ISREG(ret_file->st_mode) &&
	       mixed_files_lists(ret_file);
}

void mixed_closed(const struct stat *file)
{
	regrow(file);
}

/* A POSIX lock of ours ends where one does that gave up the rest. */
static bool gave_up_end(int fd)
{
	const struct mixed_range last = { MIXED_END, MIXED_END, F_WRLCK };

	return meets_own(fd, &last);
}

/* True where there was one to wait for. Bounded: a process that was forked while another thread
 * grew has its count for ever. */
static bool waited_for_growth(void)
{
	unsigned turn;
	int saved = errno;

	for (turn = 0; turn < 1000 && __atomic_load_n(&growing, __ATOMIC_SEQ_CST); turn++)
		syscall(SYS_sched_yield);
	errno = saved;
	return turn;
}

void mixed_released(int fd)
{
	if (!mixed_files_has(fd))
		return;
	if (waited_for_growth())
		(void)set_range(fd, F_OFD_SETLK, F_UNLCK, 0, MIXED_EOF);
	if (gave_up_end(fd))
		give_back_end(fd);
}
