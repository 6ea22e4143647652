/* SPDX-License-Identifier: MIT
 * Asked without waiting first, wherever the program's own lock could be what is waited for.
 * Compiled without 64-bit offsets: on 32-bit struct flock is the old one. */
#include "shim/fcntl_lock.h"

#include <errno.h>
#include <fcntl.h>
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

static int get(int (*next_fcntl)(int, int, ...), int fd, int command, void *argument)
{
	wide_flock asked = widened(command, argument), answered;
	struct mixed_range range;
	int result = next_fcntl(fd, command, argument), saved = errno;

	if (result || !mixed_has_ofd())
		return result;
	answered = widened(command, argument);
	if (answered.l_type != F_UNLCK && range_of(fd, &asked, &range) &&
	    mixed_is_own(fd, &range)) {
#if TWO_LAYOUTS
		if (command == F_GETLK)
			((struct flock *)argument)->l_type = F_UNLCK;
		else
#endif
			((wide_flock *)argument)->l_type = F_UNLCK;
	}
	errno = saved;
	return 0;
}

/* An unlock frees bytes for the OFD locks; a lock may stand in the way of the next one. */
static int granted(int fd, short type)
{
	int saved = errno;

	if (type == F_UNLCK)
		mixed_regrow(fd);
	else
		mixed_note_posix();
	errno = saved;
	return 0;
}

int fcntl_lock(int (*next_fcntl)(int, int, ...), enum fcntl_lock_kind kind, int fd, int command,
	       void *argument)
{
	bool wait = kind == FCNTL_WAIT && mixed_has_ofd();
	struct mixed_range range;
	wide_flock record;

	if (kind == FCNTL_GET)
		return get(next_fcntl, fd, command, argument);
	if (next_fcntl(fd, wait ? as_try(command) : command, argument) == 0)
		return granted(fd, widened(command, argument).l_type);
	if (!is_refusal(errno) || !mixed_has_ofd())
		return -1;
	record = widened(command, argument);
	if (!range_of(fd, &record, &range) || !mixed_make_room(fd, &range, wait))
		return wait ? next_fcntl(fd, command, argument) : (errno = EAGAIN, -1);
	return set_over(fd, &range, wait);
}

/* F_TEST that only our own OFD lock answers with EACCES. */
static int tested(int fd, int64_t len, int result)
{
	struct mixed_range range = { .type = F_RDLCK };
	int saved = errno;

	if (result && is_refusal(saved) && mixed_range_of(fd, SEEK_CUR, 0, len, &range) &&
	    mixed_is_own(fd, &range))
		result = 0;
	errno = saved;
	return result;
}

int fcntl_lockf(int (*next_lockf)(int, int, int64_t), int fd, int command, int64_t len)
{
	bool wait = command == F_LOCK && mixed_has_ofd();
	struct mixed_range range = { .type = F_WRLCK };
	int result = next_lockf(fd, wait ? F_TLOCK : command, len);

	if (command == F_TEST)
		return mixed_has_ofd() ? tested(fd, len, result) : result;
	if (!result)
		return granted(fd, command == F_ULOCK ? F_UNLCK : F_WRLCK);
	if (!is_refusal(errno) || !mixed_has_ofd())
		return result;
	if (!mixed_range_of(fd, SEEK_CUR, 0, len, &range) || !mixed_make_room(fd, &range, wait))
		return wait ? next_lockf(fd, command, len) : (errno = EAGAIN, -1);
	return set_over(fd, &range, wait);
}
