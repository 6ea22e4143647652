/* SPDX-License-Identifier: MIT
 * Nothing is remembered but that both families were used: who holds what is read from the kernel.
 */
#include "shim/mixed.h"

#include <errno.h>

#include "policy/sys.h"
#include "shim/mixed_own.h"
#include "shim/ofd_commands.h"
#include "shim/record.h"

static bool posix_used, mixed;

void mixed_note_posix(void)
{
	if (!__atomic_load_n(&posix_used, __ATOMIC_RELAXED))
		__atomic_store_n(&posix_used, true, __ATOMIC_RELAXED);
}

bool mixed_posix_used(void)
{
	return __atomic_load_n(&posix_used, __ATOMIC_RELAXED);
}

static bool base_of(int fd, short whence, int64_t *ret)
{
	int saved = errno;
	struct stat st;

	*ret = 0;
	switch (whence) {
	case SEEK_SET:
		return true;
	case SEEK_CUR:
		*ret = lseek(fd, 0, SEEK_CUR);
		errno = saved;
		return *ret >= 0;
	case SEEK_END:
		if (sys_fstat(fd, &st))
			return false;
		*ret = st.st_size;
		return true;
	default:
		return false;
	}
}

bool mixed_range_of(int fd, short whence, int64_t start, int64_t length, struct mixed_range *ret)
{
	int64_t base;

	if (!base_of(fd, whence, &base) || __builtin_add_overflow(base, start, &start))
		return false;
	ret->start = length < 0 ? start + length : start;
	ret->end = length < 0 ? start - 1 : MIXED_EOF;
	if (length > 0 && __builtin_add_overflow(start, length - 1, &ret->end))
		return false;
	return ret->start >= 0;
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

/* The last byte first: from then on nobody else has the whole file. *ret_refused: the piece that
 * was not to be had. */
static int take_around(int fd, short type, const struct own_ranges *own,
		       struct mixed_range *ret_refused)
{
	struct mixed_range piece = { MIXED_EOF, MIXED_EOF, type };
	int result = set_range(fd, F_OFD_SETLK, type, piece.start, piece.end);
	int64_t at = 0;
	unsigned i;

	for (i = 0; !result && i <= own->count && at < MIXED_EOF; i++) {
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

/* The program's POSIX locks that reach the end: the last byte from them, or back to them. */
static void move_last_byte(int fd, const struct own_ranges *own, int64_t ending, bool back)
{
	unsigned i;

	for (i = 0; i < own->count; i++)
		if (own->at[i].end == ending)
			(void)set_range(fd, F_SETLK, back ? own->at[i].type : F_UNLCK, MIXED_EOF,
					MIXED_EOF);
}

static bool meets_own(int fd, const struct mixed_range *range)
{
	struct flock record;

	return first_against(fd, F_OFD_GETLK, range, &record) && record.l_pid == sys_getpid();
}

/* By what they are now: another thread may have let go of them. */
static void give_back(int fd)
{
	struct own_ranges own;

	own_ranges_read(&own, fd);
	move_last_byte(fd, &own, MIXED_EOF - 1, true);
	own_ranges_free(&own);
}

/* One round: -EAGAIN where the list of our own locks was not whole, or another's lock was there and
 * has been waited for. */
static int take_once(int fd, short type, bool blocking, bool atomic, bool *ret_own)
{
	struct mixed_range refused;
	struct own_ranges own;
	int result;

	own_ranges_read(&own, fd);
	*ret_own = own.count;
	move_last_byte(fd, &own, MIXED_EOF, false);
	result = take_around(fd, type, &own, &refused);
	if (result && (!blocking || result != -EAGAIN))
		move_last_byte(fd, &own, MIXED_EOF, true);
	own_ranges_free(&own);
	if (result != -EAGAIN || meets_own(fd, &refused))
		return result;
	*ret_own = false;
	if (!blocking)
		return result;
	if (!atomic)
		(void)set_range(fd, F_OFD_SETLK, F_UNLCK, 0, MIXED_EOF);
	result = set_range(fd, F_OFD_SETLKW, type, refused.start, refused.end);
	if (result)
		give_back(fd);
	return result ? result : -EAGAIN;
}

#define ROUNDS 16

int mixed_take_ofd(int fd, short type, bool blocking, bool atomic)
{
	const struct mixed_range whole = { 0, MIXED_EOF, type };
	bool own = meets_own(fd, &whole);
	short held;
	int result = -EAGAIN;
	unsigned round;

	if (!own && (!blocking || !__atomic_load_n(&posix_used, __ATOMIC_RELAXED)))
		return -EAGAIN;
	held = own_ofd_type(fd);
	/* Natively there would be nothing to do. */
	if (held == type)
		return 0;
	for (round = 0; result == -EAGAIN && round < ROUNDS; round++) {
		result = take_once(fd, type, blocking, atomic, &own);
		if (result == -EAGAIN && !own && !blocking)
			break;
	}
	if (!result) {
		__atomic_store_n(&mixed, true, __ATOMIC_RELAXED);
		return 0;
	}
	(void)set_range(fd, F_OFD_SETLK, atomic ? held : F_UNLCK, 0, MIXED_EOF);
	return result == -EAGAIN && blocking ? -EDEADLK : result == -EAGAIN ? -EWOULDBLOCK : result;
}

/* Seen by HOLDER, whose own lock is not in its own way. */
static bool is_foreign(int holder, const struct mixed_range *range)
{
	struct flock record;

	return first_against(holder, F_OFD_GETLK, range, &record) && record.l_pid != sys_getpid();
}

/* Of several the kernel names none, so each would take the other for a stranger. */
static bool are_own(const struct own_holders *holders, const struct mixed_range *range)
{
	return holders->count > 1 || (holders->count && !is_foreign(holders->at[0].fd, range));
}

bool mixed_is_own(int fd, const struct mixed_range *range)
{
	struct own_holders holders;

	own_holders_find(&holders, fd);
	return are_own(&holders, range);
}

/* The kernel names a process only for a POSIX lock. */
static bool refused_by_posix(int fd, const struct mixed_range *range)
{
	struct flock record;

	return first_against(fd, F_GETLK, range, &record) && record.l_pid != -1;
}

enum mixed_room mixed_make_room(int fd, struct mixed_range *range, bool blocking)
{
	struct own_holders holders;
	unsigned i;

	if (!blocking && refused_by_posix(fd, range))
		return MIXED_NONE;
	own_holders_find(&holders, fd);
	if (holders.kept && blocking)
		return MIXED_NEVER;
	if (!holders.count || (!blocking && !are_own(&holders, range)))
		return MIXED_NONE;
	if (range->end == MIXED_EOF)
		range->end--;
	for (i = 0; i < holders.count; i++)
		(void)set_range(holders.at[i].fd, F_OFD_SETLK, F_UNLCK, range->start, range->end);
	__atomic_store_n(&mixed, true, __ATOMIC_RELAXED);
	return MIXED_MADE;
}

/* The whole file where no POSIX lock of ours is left on it, else around them. */
static void regrow(const struct own_holders *holders)
{
	struct mixed_range refused;
	struct own_ranges own;
	unsigned i;

	for (i = 0; i < holders->count; i++) {
		const struct own_holder *holder = &holders->at[i];

		if (!set_range(holder->fd, F_OFD_SETLK, holder->type, 0, MIXED_EOF))
			continue;
		own_ranges_read(&own, holder->fd);
		(void)take_around(holder->fd, holder->type, &own, &refused);
		own_ranges_free(&own);
	}
}

void mixed_regrow(int fd)
{
	struct own_holders holders;

	if (!__atomic_load_n(&mixed, __ATOMIC_RELAXED))
		return;
	own_holders_find(&holders, fd);
	regrow(&holders);
}

bool mixed_met(void)
{
	return __atomic_load_n(&mixed, __ATOMIC_RELAXED);
}

bool mixed_closing(int fd, struct stat *ret_file)
{
	return __atomic_load_n(&mixed, __ATOMIC_RELAXED) && !sys_fstat(fd, ret_file) &&
	       S_ISREG(ret_file->st_mode);
}

void mixed_closed(const struct stat *file)
{
	struct own_holders holders;

	own_holders_of(&holders, file);
	regrow(&holders);
}

/* Our POSIX lock ends just before the last byte: it gave that one up. */
static bool gave_up_last_byte(int fd)
{
	const struct mixed_range before_last = { MIXED_EOF - 1, MIXED_EOF - 1, F_WRLCK };

	return meets_own(fd, &before_last);
}

void mixed_released(int fd)
{
	if (__atomic_load_n(&mixed, __ATOMIC_RELAXED) && gave_up_last_byte(fd))
		give_back(fd);
}
