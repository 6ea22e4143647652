/* SPDX-License-Identifier: MIT
 * Understands keepers by their bytes. Everything that is asked is asked of the kernel: nothing is
 * remembered but a note. */
#include "shim/keeper.h"

#include <sys/file.h>

#include "policy/sys.h"
#include "shim/fdinfo_locks.h"
#include "shim/hazard.h"
#include "shim/keeper_bytes.h"
#include "shim/keeper_start.h"
#include "shim/note.h"
#include "shim/object.h"
#include "shim/record.h"

/* That a keeper which is known to leave is waited for: about a second, since it can be stopped. */
#define TURNS 10000
/* One that reads is told by its range alone: some 0.3 s. */
#define LEAVING_TURNS 2000

/* What a description holds itself, by its fdinfo. */
struct holdings {
	short whole;                 /* F_WRLCK, F_RDLCK or F_UNLCK over the whole file */
	bool marks;                  /* all three of an exclusive keeper's original */
	bool some;                   /* a part of them */
	bool flock, flock_exclusive; /* natively */
	bool unknown;                /* no /proc, or no descriptor free */
};

/* A part of the marks, or what a lock that a keeper is to follow leaves of them. */
static bool is_about_marks(const struct listed_lock *lock)
{
	const int64_t first = KEEPER_ORDER - 5;

	return lock->start >= first || (lock->end >= first && lock->end < KEEPER_LIFE);
}

static void hold_lock(const struct listed_lock *lock, struct holdings *ret)
{
	if (lock->family == LISTED_FLOCK)
		*(lock->type == F_RDLCK ? &ret->flock : &ret->flock_exclusive) = true;
	if (lock->family != LISTED_OFD)
		return;
	if (!lock->start && lock->end == KEEPER_LIFE)
		ret->whole = lock->type;
	else if (lock->start == KEEPER_ORDER && lock->end == KEEPER_LIFE)
		ret->marks = true;
	else if (is_about_marks(lock))
		ret->some = true;
}

static struct holdings holdings_of(int fd)
{
	struct holdings ret = { .whole = F_UNLCK };
	struct listed_lock lock;
	struct lock_lines lines;

	ret.unknown = lock_lines_of(&lines, fd);
	while (!ret.unknown && lock_lines_next(&lines, &lock))
		hold_lock(&lock, &ret);
	lock_lines_end(&lines);
	return ret;
}

/* O_RDONLY, O_WRONLY or O_RDWR; -1 where no lock goes through it. */
static int access_of(int fd)
{
	long flags = sys_fcntl(fd, F_GETFL, NULL);

	if (flags < 0 || flags & O_PATH || (flags & O_ACCMODE) == O_ACCMODE)
		return -1;
	return (int)(flags & O_ACCMODE);
}

bool keeper_may_hold(int fd)
{
	int access = access_of(fd);

	return access == O_RDONLY || access == O_WRONLY;
}

static bool is_read_by_others(int fd, int64_t byte)
{
	struct flock record = {
		.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = byte, .l_len = 1
	};

	return !sys_fcntl(fd, F_OFD_GETLK, &record) && record.l_type == F_RDLCK;
}

/* One that reads holds [0, LIFE), as nobody else does. It stays while the file is read by others
 * too, who keep it from LIFE: then it refuses nobody that they don't. */
static enum keeper_sight look_at_reader(int fd, int64_t length)
{
	if (length == KEEPER_END)
		return KEEPER_SHARED;
	return length == KEEPER_LIFE && !is_read_by_others(fd, KEEPER_LIFE) ? KEEPER_LEAVING
									    : KEEPER_NONE;
}

/* One on its way out holds the bell and the order too, and its bytes are one piece then. */
enum keeper_sight keeper_look(int fd, short type)
{
	struct flock record = { .l_type = type, .l_whence = SEEK_SET, .l_len = 1 };

	if (sys_fcntl(fd, F_OFD_GETLK, &record) || record.l_start || record.l_type == F_UNLCK ||
	    record.l_pid != -1)
		return KEEPER_NONE;
	if (record.l_type == F_WRLCK)
		return record.l_len == KEEPER_END || record.l_len == KEEPER_LIFE ? KEEPER_EXCLUSIVE
										 : KEEPER_NONE;
	return look_at_reader(fd, record.l_len);
}

/* The bell was rung or its original is gone; free, or the keeper's own for its last moment. */
static bool is_called(int fd)
{
	struct flock record = {
		.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = KEEPER_BELL, .l_len = 1
	};

	return !sys_fcntl(fd, F_OFD_GETLK, &record) && record.l_type != F_RDLCK;
}

bool keeper_is_ours(int fd, enum keeper_sight sight)
{
	struct holdings holdings;

	if (sight == KEEPER_NONE || sight == KEEPER_LEAVING ||
	    access_of(fd) != (sight == KEEPER_SHARED ? O_WRONLY : O_RDONLY))
		return false;
	holdings = holdings_of(fd);
	if (holdings.unknown)
		return note_get(fd) & NOTE_KEPT && (sight == KEEPER_SHARED || is_called(fd));
	return sight == KEEPER_SHARED ? holdings.flock : holdings.marks;
}

/* Another process has to run meanwhile: at once on another processor, or once we leave ours. */
static void give_way(unsigned turn)
{
	const struct {
		long seconds, nanoseconds;
	} shortly = { 0, 50000 };
	int saved = errno;

	if (turn < 32)
		syscall(SYS_sched_yield);
	else
		syscall(SYS_nanosleep, &shortly, NULL);
	errno = saved;
}

static bool wait_until_gone(int fd, short type, enum keeper_sight sight, unsigned turns)
{
	unsigned turn;

	for (turn = 0; turn < turns; turn++) {
		if (sight == KEEPER_EXCLUSIVE && !is_called(fd))
			return false;
		give_way(turn);
		if (keeper_look(fd, type) != sight)
			return true;
	}
	return false;
}

static bool flock_now(int fd, int operation)
{
	return !syscall(SYS_flock, fd, operation | LOCK_NB);
}

/* True where no native shared flock stands, so that every shared keeper is about to leave: nobody
 * has any, or somebody has an exclusive one. A flock that this description holds is left alone. */
static bool nobody_shares(int fd, const struct holdings *holdings)
{
	int saved = errno;
	bool exclusive, shared;

	if (holdings->flock || holdings->flock_exclusive)
		return holdings->flock_exclusive;
	exclusive = flock_now(fd, LOCK_EX);
	shared = !exclusive && flock_now(fd, LOCK_SH);
	if (exclusive || shared)
		(void)flock_now(fd, LOCK_UN);
	errno = saved;
	return !shared;
}

/* A keeper that looks at that moment is one who shares: so it is asked a few times. */
static bool shared_waited_out(int fd, short type)
{
	const struct holdings holdings = holdings_of(fd);
	unsigned round;

	for (round = 0; round < 4; round++) {
		if (nobody_shares(fd, &holdings))
			return wait_until_gone(fd, type, KEEPER_SHARED, TURNS);
		if (wait_until_gone(fd, type, KEEPER_SHARED, 80))
			return true;
	}
	return false;
}

/* A lock that only a keeper stands against, for the moment that it needs. */
static int lock_when_free(int fd, int64_t start, int64_t length)
{
	unsigned turn;
	int result = -EAGAIN;

	for (turn = 0; result == -EAGAIN && turn < TURNS; turn++) {
		result = record_set(fd, F_OFD_SETLK, F_RDLCK, start, length);
		if (result == -EAGAIN)
			give_way(turn);
	}
	return result;
}

/* It comes for LIFE when it has seen that we read too; only our own refusal tells that it came. It
 * can't come while others read the whole file: then it stays, as a reader, until they leave. */
static void see_off(int fd, unsigned turns)
{
	unsigned turn;

	record_set(fd, F_OFD_SETLK, F_UNLCK, KEEPER_LIFE, 1);
	for (turn = 0; turn < turns && keeper_look(fd, F_WRLCK) == KEEPER_LEAVING; turn++) {
		if (record_set(fd, F_OFD_SETLK, F_RDLCK, KEEPER_LIFE, 1))
			break;
		record_set(fd, F_OFD_SETLK, F_UNLCK, KEEPER_LIFE, 1);
		give_way(turn);
	}
	(void)lock_when_free(fd, KEEPER_LIFE, 1);
}

/* It waits for LIFE, which our own shared lock may have. */
static bool leaving_waited_out(int fd, short type)
{
	if (holdings_of(fd).whole != F_RDLCK)
		return wait_until_gone(fd, type, KEEPER_LEAVING, LEAVING_TURNS);
	see_off(fd, LEAVING_TURNS);
	return keeper_look(fd, type) != KEEPER_LEAVING;
}

/* A shared one that may stay is given some 20 ms. */
bool keeper_waited_out(int fd, short type, enum keeper_sight sight)
{
	switch (sight) {
	case KEEPER_EXCLUSIVE:
		return wait_until_gone(fd, type, sight, TURNS);
	case KEEPER_LEAVING:
		return leaving_waited_out(fd, type);
	case KEEPER_SHARED:
		return shared_waited_out(fd, type);
	default:
		return false;
	}
}

static void release_native(int fd)
{
	int saved = errno;

	syscall(SYS_flock, fd, LOCK_UN);
	errno = saved;
}

static bool is_free(int fd, short type)
{
	struct flock record = { .l_type = type, .l_whence = SEEK_SET, .l_len = KEEPER_END };

	return !sys_fcntl(fd, F_OFD_GETLK, &record) && record.l_type == F_UNLCK;
}

/* One that was killed left what its original holds for it. */
static void look_for_loss(int fd, const struct holdings *holdings)
{
	bool lost = holdings->marks
			    ? keeper_look(fd, F_WRLCK) != KEEPER_EXCLUSIVE
			    : holdings->flock && access_of(fd) == O_WRONLY && is_free(fd, F_WRLCK);

	if (lost && note_get(fd) & NOTE_KEPT)
		hazard_met_at(HAZARD_KEEPER_LOST, fd, NULL, 0);
}

void keeper_release(int fd)
{
	struct holdings holdings = holdings_of(fd);

	if (hazard_shown())
		look_for_loss(fd, &holdings);
	if (holdings.marks || holdings.some || holdings.whole != F_UNLCK)
		record_set(fd, F_OFD_SETLK, F_UNLCK, 0, 0);
	if (holdings.whole == F_RDLCK && keeper_look(fd, F_WRLCK) == KEEPER_LEAVING)
		(void)keeper_waited_out(fd, F_WRLCK, KEEPER_LEAVING);
	if (holdings.marks)
		(void)keeper_waited_out(fd, F_WRLCK, KEEPER_EXCLUSIVE);
	if (access_of(fd) != O_WRONLY)
		return;
	if (holdings.flock)
		release_native(fd);
	if (holdings.flock || note_get(fd) & NOTE_KEPT)
		(void)keeper_waited_out(fd, F_WRLCK, KEEPER_SHARED);
}

void keeper_let_leave(int fd)
{
	if (keeper_look(fd, F_WRLCK) == KEEPER_LEAVING)
		see_off(fd, 60);
}

/* Noted as kept still: under another family the release has to let go of this lock all the same. */
int keeper_downgrade(int fd, bool blocking)
{
	int result;

	record_set(fd, F_OFD_SETLK, F_UNLCK, KEEPER_BELL, 1);
	result = lock_when_free(fd, 0, KEEPER_LIFE);
	if (result == -EAGAIN && blocking)
		result = record_set(fd, F_OFD_SETLKW, F_RDLCK, 0, KEEPER_LIFE);
	if (result)
		return result == -EAGAIN ? -EWOULDBLOCK : result;
	see_off(fd, 60);
	return NOTE_KEPT;
}

bool keeper_holds_by_now(int fd)
{
	return keeper_look(fd, F_RDLCK) == KEEPER_EXCLUSIVE && is_called(fd) &&
	       holdings_of(fd).marks;
}

/* Of two descriptions with marks one has lost its keeper, and it can't be told which. */
static bool another_has_marks(int fd)
{
	return is_read_by_others(fd, KEEPER_ORDER);
}

/* What was asked for may be held already, by who shares the description, or by a keeper that was
 * killed or half let go of. */
static bool is_kept_already(const struct keeper_request *request, const struct holdings *holdings)
{
	enum keeper_sight sight = keeper_look(request->fd, F_WRLCK);

	if (request->type == F_RDLCK)
		return note_get(request->fd) & NOTE_KEPT && holdings->flock &&
		       sight == KEEPER_SHARED;
	if (holdings->marks && sight == KEEPER_EXCLUSIVE && !another_has_marks(request->fd))
		return true;
	if (holdings->marks || holdings->some)
		record_set(request->fd, F_OFD_SETLK, F_UNLCK, KEEPER_ORDER, 0);
	return false;
}

/* What refused it was a keeper on its way out. */
static bool may_ask_again(const struct keeper_request *request)
{
	enum keeper_sight sight = KEEPER_NONE;
	unsigned turn;

	/* Between two looks one may have gone, and another have come. */
	for (turn = 0; sight == KEEPER_NONE && turn < 40; turn++) {
		sight = keeper_look(request->fd, request->type);
		if (sight == KEEPER_NONE && is_free(request->fd, request->type))
			return true;
		if (sight == KEEPER_NONE)
			give_way(turn);
	}
	return sight != KEEPER_NONE && keeper_waited_out(request->fd, request->type, sight);
}

int keeper_acquire(const struct keeper_request *request)
{
	/* A shared one may meet the last moment of another, which the kernel doesn't show. */
	int tries = request->type == F_RDLCK ? 40 : 4, result;
	int mode = request->type == F_RDLCK ? O_WRONLY : O_RDONLY;
	struct holdings holdings;

	/* On NFS the bell would ring at the server, which a waiter asks every few seconds. */
	if (access_of(request->fd) != mode || object_magic(request->fd) == OBJECT_NFS)
		return -EBADF;
	holdings = holdings_of(request->fd);
	if (hazard_shown())
		look_for_loss(request->fd, &holdings);
	if (is_kept_already(request, &holdings))
		return NOTE_KEPT;
	do
		result = keeper_start_new(request, holdings.whole,
					  holdings.flock || holdings.flock_exclusive ||
						  holdings.unknown);
	while (result == -EWOULDBLOCK && --tries && may_ask_again(request));
	return result;
}
