/* SPDX-License-Identifier: MIT
 * The ways to close, replace or duplicate a descriptor. Each does what the next one does and
 * removes our note of the number, before it can be another file's and again after, should another
 * thread have locked in between. None looks anything up but those that have no system call. */
#include <dirent.h>
#include <errno.h>
#include <sys/stat.h>
#include <limits.h>

#include "policy/sys.h"
#include "shim/flush.h"
#include "shim/hazard_posix.h"
#include "shim/mixed.h"
#include "shim/next.h"
#include "shim/note.h"
#include "shim/standin.h"
#include "shim/start.h"
#include "shim/watch.h"
#include "shim/watch_file.h"
#include "shim/wrap.h"

/* Where a rule says `reopen`: a stand-in's number is not the program's to close. */
static __attribute__((noinline)) int close_followed(int fd)
{
	unsigned leaving;
	int result;

	if (standin_is(fd)) {
		errno = EBADF;
		return -1;
	}
	leaving = standin_leave(fd);
	note_forget(fd);
	result = NEXT(close)(fd);
	note_closed(fd);
	standin_left(fd, leaving);
	return result;
}

/* Where flock and fcntl met on one file, the flock takes back what the close drops. */
static __attribute__((noinline)) int close_mixed(int fd)
{
	struct stat file;
	bool regrow = mixed_closing(fd, &file);
	int result, saved;

	note_forget(fd);
	result = NEXT(close)(fd);
	saved = errno;
	note_closed(fd);
	if (regrow)
		mixed_closed(&file);
	errno = saved;
	return result;
}

/* What was written goes before the lock does. -EIO where that failed and the close is to tell. */
static __attribute__((noinline)) int heed_closing(unsigned first, unsigned last)
{
	int failed = flush_on() ? flush_closing(first, last) : 0;

	if (hazard_posix_watched())
		hazard_posix_closing(first, last);
	return failed;
}

/* And whoever is told of it: hazards, trace and log. */
static int begin_closing(unsigned first, unsigned last, const void *site)
{
	int failed = heed() ? heed_closing(first, last) : 0;

	if (watch_on())
		watch_closing(first, last, site);
	return failed;
}

/* A stream's number. */
static void tell_closing(int fd, const void *site)
{
	if (hazard_posix_watched())
		hazard_posix_closing((unsigned)fd, (unsigned)fd);
	if (watch_on())
		watch_closing((unsigned)fd, (unsigned)fd, site);
}

/* It is closed, whatever came before. */
static int answer_closed(int result, int failed)
{
	if (result || !failed)
		return result;
	errno = -failed;
	return -1;
}

static void tell_replacing(int from, int to, const void *site)
{
	if (flush_on() && from != to && sys_fcntl(from, F_GETFD, NULL) >= 0)
		flush_replacing(to);
	if (hazard_posix_watched())
		hazard_posix_replacing(from, to);
	if (watch_on() && to >= 0 && from != to && sys_fcntl(from, F_GETFD, NULL) >= 0)
		watch_closing((unsigned)to, (unsigned)to, site);
}

static int replaced(int from, int result)
{
	note_closed(result);
	note_copy_marks(from, result);
	if (flush_on())
		flush_note_copy(from, result);
	if (watch_on())
		watch_file_copied(from, result);
	return result;
}

static int close_told(int fd)
{
	int result;

	if (standin_watching())
		return close_followed(fd);
	if (mixed_met())
		return close_mixed(fd);
	note_forget(fd);
	result = NEXT(close)(fd);
	note_closed(fd);
	return result;
}

/* Overrides libc's close. Not seen: raw system calls, io_uring, and freopen's own. */
EXPORT int close(int fd)
{
	int failed = begin_closing((unsigned)fd, (unsigned)fd, __builtin_return_address(0));

	return answer_closed(close_told(fd), failed);
}

/* Overrides libc's dup: the new number was closed, but perhaps unseen. */
EXPORT int dup(int from)
{
	int to;

	if (standin_watching())
		standin_copying(from, false);
	to = replaced(from, NEXT(dup)(from));
	if (standin_watching())
		standin_copied(from, to);
	return to;
}

static int call_dup2(int from, int to, int flags)
{
	(void)flags;
	return NEXT(dup2)(from, to);
}

static int call_dup3(int from, int to, int flags)
{
	return NEXT(dup3)(from, to, flags);
}

static __attribute__((noinline)) int replace_followed(int (*call)(int, int, int), int from, int to,
						      int flags)
{
	unsigned leaving;
	int result;

	standin_make_way(to);
	standin_copying(from, flags & O_CLOEXEC);
	leaving = standin_leave(to);
	note_forget(to);
	result = replaced(from, call(from, to, flags));
	standin_copied(from, result);
	if (result < 0)
		standin_stays(to, leaving);
	else
		standin_left(to, leaving);
	return result;
}

/* Overrides libc's dup2. */
EXPORT int dup2(int from, int to)
{
	if (from == to)
		return NEXT(dup2)(from, to);
	tell_replacing(from, to, __builtin_return_address(0));
	if (standin_watching())
		return replace_followed(call_dup2, from, to, 0);
	note_forget(to);
	return replaced(from, NEXT(dup2)(from, to));
}

/* Overrides libc's dup3. */
EXPORT int dup3(int from, int to, int flags)
{
	tell_replacing(from, to, __builtin_return_address(0));
	if (standin_watching() && from != to)
		return replace_followed(call_dup3, from, to, flags);
	note_forget(to);
	return replaced(from, NEXT(dup3)(from, to, flags));
}

/* Overrides libc's fclose, whose close of the descriptor passes no wrapper. */
EXPORT int fclose(FILE *stream)
{
	int saved = errno, fd = fileno(stream), result, failed;
	unsigned leaving;

	errno = saved;
	(void)shim_state();
	failed = flush_on() ? flush_closing_stream(stream, fd) : 0;
	tell_closing(fd, __builtin_return_address(0));
	leaving = standin_watching() ? standin_leave(fd) : 0;
	note_forget(fd);
	result = NEXT(fclose)(stream);
	note_closed(fd);
	standin_left(fd, leaving);
	return answer_closed(result, failed);
}

/* Overrides libc's closedir. */
EXPORT int closedir(DIR *directory)
{
	int fd = dirfd(directory), result;
	unsigned leaving;

	(void)shim_state();
	tell_closing(fd, __builtin_return_address(0));
	leaving = standin_watching() ? standin_leave(fd) : 0;
	note_forget(fd);
	result = NEXT(closedir)(directory);
	note_closed(fd);
	standin_left(fd, leaving);
	return result;
}

#define KEEPS_OPEN 4 /* CLOSE_RANGE_CLOEXEC */

/* Stand-ins keep their notes. */
static void note_around(void (*range)(unsigned first, unsigned last), unsigned first, unsigned last)
{
	int standin = standin_next(first, last);

	for (; standin >= 0; standin = standin_next(first, last)) {
		if (first < (unsigned)standin)
			range(first, (unsigned)standin - 1);
		first = (unsigned)standin + 1;
	}
	range(first, last);
}

/* The range without the stand-ins in it. */
static int close_around(unsigned first, unsigned last, int flags)
{
	int standin = standin_next(first, last), result;

	for (; standin >= 0; standin = standin_next(first, last)) {
		if (first < (unsigned)standin) {
			result = NEXT(close_range)(first, (unsigned)standin - 1, flags);
			if (result)
				return result;
		}
		if ((unsigned)standin == last)
			return 0;
		first = (unsigned)standin + 1;
	}
	return NEXT(close_range)(first, last, flags);
}

static __attribute__((noinline)) int close_range_followed(unsigned first, unsigned last, int flags)
{
	bool closes = !(flags & KEEPS_OPEN);
	int result;

	if (closes)
		standin_leave_range(first, last);
	note_around(note_forget_range, first, last);
	result = close_around(first, last, flags);
	note_around(closes && !result ? note_closed_range : note_forget_range, first, last);
	if (!closes)
		standin_flagged_all();
	else if (result)
		standin_stays_range(first, last);
	else
		standin_left_range(first, last);
	return result;
}

static int close_range_told(unsigned first, unsigned last, int flags)
{
	int result;

	if (standin_watching() && first <= last)
		return close_range_followed(first, last, flags);
	note_forget_range(first, last);
	result = NEXT(close_range)(first, last, flags);
	if (result || flags & KEEPS_OPEN)
		note_forget_range(first, last);
	else
		note_closed_range(first, last);
	return result;
}

/* Overrides libc's close_range (glibc 2.34). */
EXPORT int close_range(unsigned first, unsigned last, int flags)
{
	bool closes = first <= last && !(flags & KEEPS_OPEN);
	int failed = closes ? begin_closing(first, last, __builtin_return_address(0)) : 0;
	int result = close_range_told(first, last, flags);

	if (result && closes && flush_on())
		flush_not_closed();
	return answer_closed(result, failed);
}

/* For a kernel before 5.9. */
static void close_one_by_one(int first)
{
	int standin = standin_next((unsigned)first, INT_MAX);

	for (; standin >= 0; standin = standin_next((unsigned)first, INT_MAX)) {
		for (; first < standin; first++)
			NEXT(close)(first);
		first++;
	}
	NEXT(closefrom)(first);
}

static __attribute__((noinline)) void closefrom_followed(int first)
{
	int saved = errno;

	standin_leave_range((unsigned)first, INT_MAX);
	note_around(note_forget_range, (unsigned)first, INT_MAX);
	if (close_around((unsigned)first, UINT_MAX, 0))
		close_one_by_one(first);
	note_around(note_closed_range, (unsigned)first, INT_MAX);
	standin_left_range((unsigned)first, INT_MAX);
	errno = saved;
}

/* Overrides libc's closefrom (glibc 2.34), which passes no wrapper either. */
EXPORT void closefrom(int first)
{
	unsigned from = first < 0 ? 0 : (unsigned)first;

	(void)begin_closing(from, ~0u, __builtin_return_address(0));
	if (standin_watching()) {
		closefrom_followed((int)from);
		return;
	}
	note_forget_range(from, ~0u);
	NEXT(closefrom)(first);
	note_closed_range(from, ~0u);
}
