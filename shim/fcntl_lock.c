/* SPDX-License-Identifier: MIT
 * Asked without waiting first, wherever the program's own lock could be what is waited for.
 * Compiled without 64-bit offsets: on 32-bit struct flock is the old one. */
#include "shim/fcntl_lock.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "shim/mixed.h"
#include "shim/next.h"

#if defined(F_SETLK64) && F_SETLK64 != F_SETLK
#define TWO_LAYOUTS 1
typedef struct flock64 wide_flock;
#define WIDE_SET F_SETLK64
#define WIDE_WAIT F_SETLKW64
#else
#define TWO_LAYOUTS 0
typedef struct flock wide_flock;
#define WIDE_SET F_SETLK
#define WIDE_WAIT F_SETLKW
#endif

static int as_try(int command)
{
#if TWO_LAYOUTS
	return command == F_SETLKW64 ? F_SETLK64 : F_SETLK;
#else
	(void)command;
	return F_SETLK;
#endif
}

static wide_flock widened(int command, const void *argument)
{
#if TWO_LAYOUTS
	const struct flock *narrow = argument;

	if (command == F_GETLK || command == F_SETLK || command == F_SETLKW)
		return (wide_flock){ .l_type = narrow->l_type,
				     .l_whence = narrow->l_whence,
				     .l_start = narrow->l_start,
				     .l_len = narrow->l_len };
#endif
	(void)command;
	return *(const wide_flock *)argument;
}

static bool range_of(int fd, const wide_flock *record, struct mixed_range *ret)
{
	ret->type = record->l_type;
	return (record->l_type == F_RDLCK || record->l_type == F_WRLCK) &&
	       mixed_range_of(fd, record->l_whence, record->l_start, record->l_len, ret);
}

static bool is_refusal(int error)
{
	return error == EAGAIN || error == EACCES;
}

static int set_over(int fd, const struct mixed_range *range, bool wait)
{
	wide_flock record = { .l_type = range->type,
			      .l_whence = SEEK_SET,
			      .l_start = range->start,
			      .l_len =
				      range->end == MIXED_EOF ? 0 : range->end - range->start + 1 };
	int result = NEXT(fcntl64)(fd, wait ? WIDE_WAIT : WIDE_SET, &record), saved = errno;

	if (result)
		mixed_regrow(fd);
	else
		mixed_note_posix();
	errno = saved;
	return result;
}

/* What the kernel can't read is its to answer. It reads the set before it looks at the way. */
static bool is_readable(const void *at, size_t size)
{
	const int no_such_way = -1;
	const char *last = (const char *)at + size - 8;
	int saved = errno;
	bool readable;

	syscall(SYS_rt_sigprocmask, no_such_way, at, NULL, 8);
	readable = errno != EFAULT;
	syscall(SYS_rt_sigprocmask, no_such_way, last, NULL, 8);
	readable = readable && errno != EFAULT;
	errno = saved;
	return readable;
}

static bool is_narrow(int command)
{
#if TWO_LAYOUTS
	return command == F_GETLK || command == F_SETLK || command == F_SETLKW;
#else
	(void)command;
	return false;
#endif
}

/* As the program asked, but for the type: the kernel leaves the rest alone where nothing stands in
 * the way. */
static void answer_unlocked(int command, void *argument, const wide_flock *asked)
{
	if (is_narrow(command)) {
		struct flock *narrow = argument;

		narrow->l_whence = asked->l_whence;
		narrow->l_start = (off_t)asked->l_start;
		narrow->l_len = (off_t)asked->l_len;
		narrow->l_pid = asked->l_pid;
		narrow->l_type = F_UNLCK;
		return;
	}
	*(wide_flock *)argument = *asked;
	((wide_flock *)argument)->l_type = F_UNLCK;
}

static int get(int (*next_fcntl)(int, int, ...), int fd, int command, void *argument)
{
	size_t size = is_narrow(command) ? sizeof(struct flock) : sizeof(wide_flock);
	wide_flock asked, answered;
	struct mixed_range range;
	int saved = errno;

	if (!is_readable(argument, size))
		return next_fcntl(fd, command, argument);
	asked = widened(command, argument);
	if (next_fcntl(fd, command, argument))
		return -1;
	answered = widened(command, argument);
	if (answered.l_type != F_UNLCK && answered.l_pid == -1 && range_of(fd, &asked, &range) &&
	    mixed_is_own(fd, &range))
		answer_unlocked(command, argument, &asked);
	errno = saved;
	return 0;
}

/* An unlock frees bytes for the OFD locks; a lock may stand in the way of the next one. */
static int granted(int fd, short type, int saved)
{
	if (type == F_UNLCK)
		mixed_regrow(fd);
	else
		mixed_note_posix();
	errno = saved;
	return 0;
}

static int refused(void)
{
	errno = EAGAIN;
	return -1;
}

int fcntl_lock(int (*next_fcntl)(int, int, ...), enum fcntl_lock_kind kind, int fd, int command,
	       void *argument)
{
	bool wait = kind == FCNTL_WAIT;
	struct mixed_range range;
	enum mixed_room room;
	wide_flock record;
	int saved = errno;

	if (kind == FCNTL_GET)
		return get(next_fcntl, fd, command, argument);
	if (next_fcntl(fd, wait ? as_try(command) : command, argument) == 0)
		return granted(fd, widened(command, argument).l_type, saved);
	if (!is_refusal(errno))
		return -1;
	record = widened(command, argument);
	room = range_of(fd, &record, &range) ? mixed_make_room(fd, &range, wait) : MIXED_NONE;
	if (room == MIXED_NONE)
		return wait ? next_fcntl(fd, command, argument) : refused();
	errno = room == MIXED_NEVER ? EDEADLK : saved;
	return room == MIXED_NEVER ? -1 : set_over(fd, &range, wait);
}

/* F_TEST that only our own OFD lock answers with EACCES. */
static int tested(int fd, int64_t len, int result, int saved)
{
	struct mixed_range range = { .type = F_RDLCK };
	int failed = errno;

	if (result && is_refusal(failed) && mixed_range_of(fd, SEEK_CUR, 0, len, &range) &&
	    mixed_is_own(fd, &range))
		result = 0;
	errno = result ? failed : saved;
	return result;
}

int fcntl_lockf(int (*next_lockf)(int, int, int64_t), int fd, int command, int64_t len)
{
	bool wait = command == F_LOCK;
	struct mixed_range range = { .type = F_WRLCK };
	enum mixed_room room;
	int saved = errno, result = next_lockf(fd, wait ? F_TLOCK : command, len);

	if (command == F_TEST)
		return tested(fd, len, result, saved);
	if (!result)
		return granted(fd, command == F_ULOCK ? F_UNLCK : F_WRLCK, saved);
	if (!is_refusal(errno))
		return result;
	room = mixed_range_of(fd, SEEK_CUR, 0, len, &range) ? mixed_make_room(fd, &range, wait)
							    : MIXED_NONE;
	if (room == MIXED_NONE)
		return wait ? next_lockf(fd, command, len) : refused();
	errno = room == MIXED_NEVER ? EDEADLK : saved;
	return room == MIXED_NEVER ? -1 : set_over(fd, &range, wait);
}
