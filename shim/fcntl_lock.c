/* SPDX-License-Identifier: MIT
 * Asked without waiting first, wherever the program's own lock could be what is waited for.
 * Compiled without 64-bit offsets: on 32-bit struct flock is the old one. */
#include "shim/fcntl_lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include "shim/cancel.h"
#include "shim/deferred.h"
#include "shim/foreign.h"
#include "shim/hazard.h"
#include "shim/hazard_meet.h"
#include "shim/hazard_posix.h"
#include "shim/mixed.h"
#include "shim/mixed_own.h"
#include "shim/next.h"
#include "shim/ofd_commands.h"
#include "shim/own_ofd.h"
#include "shim/record_argument.h"

#if defined(F_SETLK64) && F_SETLK64 != F_SETLK
typedef struct flock64 wide_flock;
#define WIDE_SET F_SETLK64
#define WIDE_WAIT F_SETLKW64
#else
typedef struct flock wide_flock;
#define WIDE_SET F_SETLK
#define WIDE_WAIT F_SETLKW
#endif

int fcntl_lock_trial(int command)
{
	/* On 64-bit the last two are the same. */
	static const int trials[][2] = { { F_OFD_SETLKW, F_OFD_SETLK },
					 { WIDE_WAIT, WIDE_SET },
					 { F_SETLKW, F_SETLK } };
	unsigned i = 0;

	while (i < 2 && trials[i][0] != command)
		i++;
	return trials[i][1];
}

/* Either layout begins with it, and the kernel has read it. */
static short type_of(const void *argument)
{
	short type;

	_Static_assert(!offsetof(struct flock, l_type) && !offsetof(wide_flock, l_type), "first");
	memcpy(&type, argument, sizeof type);
	return type;
}

static bool range_of(int fd, const struct record_argument *record, struct mixed_range *ret)
{
	ret->type = record->type;
	return (record->type == F_RDLCK || record->type == F_WRLCK) &&
	       mixed_range_of(fd, record->whence, record->start, record->length, ret);
}

static bool is_refusal(int error)
{
	return error == EAGAIN || error == EACCES;
}

/* An OFD lock that the program asked for itself, and natively would be shown. */
static bool shows_own(int fd)
{
	struct own_holders holders;

	if (!ofd_used_by_program())
		return false;
	own_holders_find(&holders, fd);
	return !holders.count && !holders.kept;
}

static bool tell(int command, void *argument, const struct foreign_lock *found)
{
	const struct mixed_range *range = &found->range;
	const struct record_argument told = {
		.type = range->type,
		.whence = SEEK_SET,
		.start = range->start,
		.length = range->end == MIXED_EOF ? 0 : range->end - range->start + 1,
		.pid = found->pid,
	};

	return record_argument_write(command, argument, &told);
}

/* Where nothing stands in the way the kernel changes the type alone. */
static void tell_none(int command, void *argument, struct record_argument *asked)
{
	asked->type = F_UNLCK;
	(void)record_argument_write(command, argument, asked);
}

static int get(int (*next_fcntl)(int, int, ...), int fd, int command, void *argument)
{
	struct record_argument asked, named;
	struct foreign_lock found;
	struct mixed_range range;
	bool told = true;
	int saved = errno;

	if (!record_argument_read(command, argument, &asked))
		return next_fcntl(fd, command, argument);
	if (next_fcntl(fd, command, argument))
		return -1;
	if (type_of(argument) == F_UNLCK || !record_argument_read(command, argument, &named) ||
	    named.pid != -1 || !range_of(fd, &asked, &range))
		return 0;
	if (foreign_against(fd, &range, &found))
		told = tell(command, argument, &found);
	else if (!shows_own(fd))
		tell_none(command, argument, &asked);
	errno = told ? saved : EOVERFLOW;
	return told ? 0 : -1;
}

/* An unlock frees bytes for the OFD locks; a lock may stand in the way of the next one. */
static int granted(int fd, short type, int saved)
{
	if (hazard_posix_watched())
		hazard_posix_recorded(fd, type);
	if (type == F_UNLCK)
		mixed_regrow(fd);
	else
		mixed_note_posix();
	errno = saved;
	return 0;
}

static int failed(int error)
{
	errno = error;
	return -1;
}

static int set_range(int fd, const struct mixed_range *range, int command)
{
	wide_flock record = { .l_type = range->type,
			      .l_whence = SEEK_SET,
			      .l_start = range->start,
			      .l_len =
				      range->end == MIXED_EOF ? 0 : range->end - range->start + 1 };

	return NEXT(fcntl64)(fd, command, &record) ? errno : 0;
}

/* No handler may jump out while the bytes are nobody's. */
static enum mixed_room try_over_own(int fd, struct mixed_range *range, bool wait, int *ret_error)
{
	struct deferred deferred;
	enum mixed_room room;

	deferred_begin(&deferred);
	room = mixed_make_room(fd, range, wait);
	if (room == MIXED_MADE) {
		*ret_error = set_range(fd, range, WIDE_SET);
		if (*ret_error && !(wait && is_refusal(*ret_error)))
			mixed_regrow(fd);
	}
	deferred_end(&deferred);
	return room;
}

/* RANGE was refused; our own OFD lock may be why. False: it is not, and the call is to be made. */
static bool set_over_own(int fd, struct mixed_range *range, bool wait, int saved, int *ret_result)
{
	int error = 0;

	switch (try_over_own(fd, range, wait, &error)) {
	case MIXED_NONE:
		if (hazard_shown())
			hazard_record_refused(fd, range);
		*ret_result = failed(EAGAIN);
		return !wait;
	case MIXED_NEVER:
		if (hazard_shown())
			hazard_record_refused(fd, range);
		*ret_result = failed(EDEADLK);
		return true;
	default:
		break;
	}
	if (wait && is_refusal(error)) {
		error = set_range(fd, range, WIDE_WAIT);
		if (error)
			mixed_regrow(fd);
	}
	*ret_result = error ? failed(error) : granted(fd, range->type, saved);
	return true;
}

int fcntl_lock(int (*next_fcntl)(int, int, ...), enum fcntl_lock_kind kind, int fd, int command,
	       void *argument)
{
	bool wait = kind == FCNTL_WAIT;
	struct record_argument record;
	struct mixed_range range;
	int saved = errno, result;

	if (kind == FCNTL_GET)
		return get(next_fcntl, fd, command, argument);
	if (wait)
		cancel_point();
	if (next_fcntl(fd, wait ? fcntl_lock_trial(command) : command, argument) == 0)
		return granted(fd, type_of(argument), saved);
	if (!is_refusal(errno))
		return -1;
	if (record_argument_read(command, argument, &record) && range_of(fd, &record, &range) &&
	    set_over_own(fd, &range, wait, saved, &result))
		return result;
	return wait ? next_fcntl(fd, command, argument) : failed(EAGAIN);
}

/* F_TEST that only our own OFD lock answers with EACCES. */
static int tested(int fd, int64_t len, int result, int saved)
{
	struct mixed_range range = { .type = F_RDLCK };
	struct foreign_lock found;
	int error = errno;

	if (result && is_refusal(error) && mixed_range_of(fd, SEEK_CUR, 0, len, &range) &&
	    !foreign_against(fd, &range, &found) && !shows_own(fd))
		result = 0;
	errno = result ? error : saved;
	return result;
}

int fcntl_lockf(int (*next_lockf)(int, int, int64_t), int fd, int command, int64_t len)
{
	bool wait = command == F_LOCK;
	struct mixed_range range = { .type = F_WRLCK };
	int saved = errno, result;

	if (wait)
		cancel_point();
	result = next_lockf(fd, wait ? F_TLOCK : command, len);
	if (command == F_TEST)
		return tested(fd, len, result, saved);
	if (!result)
		return granted(fd, command == F_ULOCK ? F_UNLCK : F_WRLCK, saved);
	if (!is_refusal(errno))
		return result;
	if (mixed_range_of(fd, SEEK_CUR, 0, len, &range) &&
	    set_over_own(fd, &range, wait, saved, &result))
		return result;
	return wait ? next_lockf(fd, command, len) : failed(EAGAIN);
}
