/* SPDX-License-Identifier: MIT
 * Nothing is remembered but that both families were used: who holds what is read from the kernel.
 */
#include "shim/mixed.h"

#include <string.h>

#include "policy/sys.h"
#include "shim/note.h"
#include "shim/ofd_commands.h"
#include "shim/proc_fd.h"
#include "shim/record.h"
#include "shim/slurp.h"

#define OWN_MAX 32 /* more ranges than this are left to the last byte */

static bool posix_used, ofd_used, mixed;

void mixed_note_posix(void)
{
	if (!__atomic_load_n(&posix_used, __ATOMIC_RELAXED))
		__atomic_store_n(&posix_used, true, __ATOMIC_RELAXED);
}

void mixed_note_ofd(void)
{
	if (!__atomic_load_n(&ofd_used, __ATOMIC_RELAXED))
		__atomic_store_n(&ofd_used, true, __ATOMIC_RELAXED);
}

bool mixed_has_ofd(void)
{
	return __atomic_load_n(&ofd_used, __ATOMIC_RELAXED);
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

static const char *read_number(const char *at, uint64_t *ret)
{
	at += strspn(at, " ");
	for (*ret = 0; *at >= '0' && *at <= '9'; at++)
		*ret = *ret * 10 + (uint64_t)(*at - '0');
	return at;
}

/* "4: POSIX  ADVISORY  WRITE 1234 fe:00:5678 0 EOF" of this process, on this inode. */
static bool read_own(const char *line, size_t len, uint64_t pid, uint64_t inode,
		     struct mixed_range *ret)
{
	const char *at = memmem(line, len, ": POSIX ", 8);
	uint64_t number;
	int colons;

	if (!at)
		return false;
	ret->type = memmem(line, len, " WRITE ", 7) ? F_WRLCK : F_RDLCK;
	at = memmem(line, len, ret->type == F_WRLCK ? " WRITE " : " READ ", 6);
	if (!at)
		return false;
	at = read_number(at + (ret->type == F_WRLCK ? 7 : 6), &number);
	if (number != pid)
		return false;
	for (colons = 0; colons < 2 && *at && *at != '\n'; at++)
		colons += *at == ':';
	at = read_number(at, &number);
	if (number != inode)
		return false;
	at = read_number(at, &number);
	ret->start = (int64_t)number;
	at = read_number(at, &number);
	ret->end = *at == 'E' ? MIXED_EOF : (int64_t)number;
	return true;
}

/* This process's POSIX locks on FD's file, in ascending order as the kernel keeps them. */
static unsigned own_ranges(int fd, struct mixed_range into[OWN_MAX])
{
	struct slurp locks = { 0 };
	unsigned count = 0;
	const char *line;
	struct stat st;
	size_t len;

	if (sys_fstat(fd, &st) || slurp_file(&locks, "/proc/locks"))
		return 0;
	for (line = locks.text; *line && count < OWN_MAX; line += len) {
		len = strcspn(line, "\n");
		count += read_own(line, len, (uint64_t)sys_getpid(), st.st_ino, &into[count]);
		len += line[len] == '\n';
	}
	slurp_free(&locks);
	return count;
}

bool mixed_has_posix(int fd)
{
	struct mixed_range own[OWN_MAX];

	return __atomic_load_n(&posix_used, __ATOMIC_RELAXED) && own_ranges(fd, own);
}

/* The last byte first: from then on nobody else has the whole file. */
static int take_around(int fd, int command, short type, const struct mixed_range *own,
		       unsigned count)
{
	int result = set_range(fd, command, type, MIXED_EOF, MIXED_EOF);
	int64_t at = 0;
	unsigned i;

	for (i = 0; !result && i < count; i++) {
		if (own[i].start > at)
			result = set_range(fd, command, type, at, own[i].start - 1);
		at = own[i].end == MIXED_EOF ? MIXED_EOF : own[i].end + 1;
	}
	return result || at == MIXED_EOF ? result : set_range(fd, command, type, at, MIXED_EOF);
}

/* The program's POSIX locks that reach the end: the last byte from them, or back to them. */
static void move_last_byte(int fd, const struct mixed_range *own, unsigned count, int64_t ending,
			   bool back)
{
	unsigned i;

	for (i = 0; i < count; i++)
		if (own[i].end == ending)
			(void)set_range(fd, F_SETLK, back ? own[i].type : F_UNLCK, MIXED_EOF,
					MIXED_EOF);
}

static bool meets_own(int fd, short type)
{
	struct flock record = { .l_type = type, .l_whence = SEEK_SET };

	return !sys_fcntl(fd, F_OFD_GETLK, &record) && record.l_type != F_UNLCK &&
	       record.l_pid == sys_getpid();
}

int mixed_take_ofd(int fd, short type, bool blocking)
{
	struct mixed_range own[OWN_MAX];
	unsigned count;
	int result;

	if (!__atomic_load_n(&posix_used, __ATOMIC_RELAXED))
		return -EAGAIN;
	if (!blocking && !meets_own(fd, type))
		return -EAGAIN;
	count = own_ranges(fd, own);
	if (!count)
		return -EAGAIN;
	move_last_byte(fd, own, count, MIXED_EOF, false);
	result = take_around(fd, F_OFD_SETLK, type, own, count);
	if (result == -EAGAIN && blocking) {
		(void)set_range(fd, F_OFD_SETLK, F_UNLCK, 0, MIXED_EOF);
		result = take_around(fd, F_OFD_SETLKW, type, own, count);
	}
	if (!result) {
		__atomic_store_n(&mixed, true, __ATOMIC_RELAXED);
		return 0;
	}
	(void)set_range(fd, F_OFD_SETLK, F_UNLCK, 0, MIXED_EOF);
	move_last_byte(fd, own, count, MIXED_EOF, true);
	return result;
}

/* The type of FD's own OFD lock that has the last byte; F_UNLCK: none. A keeper's marks are none.
 */
static __attribute__((noinline)) short own_ofd_type(int fd)
{
	char text[768];
	const char *line, *end;

	if (proc_fd_info(fd, text, sizeof text) < 0)
		return F_UNLCK;
	for (line = text; (line = strstr(line, "OFDLCK")); line = end) {
		end = line + strcspn(line, "\n");
		if (end - line < 4 || memcmp(end - 4, " EOF", 4) ||
		    memmem(line, (size_t)(end - line), " 9223372036854775805 ", 21))
			continue;
		return memmem(line, (size_t)(end - line), " WRITE ", 7) ? F_WRLCK : F_RDLCK;
	}
	return F_UNLCK;
}

/* The next number from AT on whose flock became an OFD lock on the same file; -1: none. */
static int next_holder(int fd, int at, short *ret_type)
{
	struct stat wanted, found;

	if (sys_fstat(fd, &wanted))
		return -1;
	for (; (at = note_next(at, NOTE_OFD)) >= 0; at++) {
		if (sys_fstat(at, &found) || found.st_ino != wanted.st_ino ||
		    found.st_dev != wanted.st_dev)
			continue;
		*ret_type = own_ofd_type(at);
		if (*ret_type != F_UNLCK)
			return at;
	}
	return -1;
}

/* Seen by HOLDER, whose own lock is not in its own way. */
static bool is_foreign(int holder, const struct mixed_range *range)
{
	struct flock record = {
		.l_type = range->type,
		.l_whence = SEEK_SET,
		.l_start = range->start,
		.l_len = range->end == MIXED_EOF ? 0 : range->end - range->start + 1,
	};

	return !sys_fcntl(holder, F_OFD_GETLK, &record) && record.l_type != F_UNLCK &&
	       record.l_pid != sys_getpid();
}

bool mixed_is_own(int fd, const struct mixed_range *range)
{
	bool own = false;
	short type;
	int holder;

	if (!__atomic_load_n(&ofd_used, __ATOMIC_RELAXED))
		return false;
	for (holder = next_holder(fd, 0, &type); holder >= 0;
	     holder = next_holder(fd, holder + 1, &type)) {
		if (is_foreign(holder, range))
			return false;
		own = true;
	}
	return own;
}

bool mixed_make_room(int fd, struct mixed_range *range, bool blocking)
{
	bool made = false;
	short type;
	int holder;

	if (!__atomic_load_n(&ofd_used, __ATOMIC_RELAXED) ||
	    (!blocking && !mixed_is_own(fd, range)))
		return false;
	for (holder = next_holder(fd, 0, &type); holder >= 0;
	     holder = next_holder(fd, holder + 1, &type)) {
		if (range->end == MIXED_EOF)
			range->end--;
		(void)set_range(holder, F_OFD_SETLK, F_UNLCK, range->start, range->end);
		made = true;
	}
	if (made)
		__atomic_store_n(&mixed, true, __ATOMIC_RELAXED);
	return made;
}

void mixed_regrow(int fd)
{
	struct mixed_range own[OWN_MAX];
	unsigned count;
	short type;
	int holder;

	if (!__atomic_load_n(&mixed, __ATOMIC_RELAXED))
		return;
	count = own_ranges(fd, own);
	for (holder = next_holder(fd, 0, &type); holder >= 0;
	     holder = next_holder(fd, holder + 1, &type))
		(void)take_around(holder, F_OFD_SETLK, type, own, count);
}

void mixed_released(int fd)
{
	struct mixed_range own[OWN_MAX];

	if (__atomic_load_n(&mixed, __ATOMIC_RELAXED))
		move_last_byte(fd, own, own_ranges(fd, own), MIXED_EOF - 1, true);
}
