/* SPDX-License-Identifier: MIT
 * The ways to close, replace or duplicate a descriptor. Each does what the next one does and
 * removes our note of the number, before it can be another file's and again after, should another
 * thread have locked in between. None looks anything up but those that have no system call. */
#include <dirent.h>
#include <errno.h>

#include "shim/next.h"
#include "shim/note.h"
#include "shim/start.h"
#include "shim/wrap.h"

/* Overrides libc's close. Not seen: raw system calls, io_uring, and freopen's own. */
EXPORT int close(int fd)
{
	int result;

	note_forget(fd);
	result = NEXT(close)(fd);
	note_forget(fd);
	return result;
}

/* Overrides libc's dup: the new number was closed, but perhaps unseen. */
EXPORT int dup(int from)
{
	int to = NEXT(dup)(from);

	note_forget(to);
	return to;
}

/* Overrides libc's dup2. */
EXPORT int dup2(int from, int to)
{
	int result;

	if (from == to)
		return NEXT(dup2)(from, to);
	note_forget(to);
	result = NEXT(dup2)(from, to);
	note_forget(to);
	return result;
}

/* Overrides libc's dup3. */
EXPORT int dup3(int from, int to, int flags)
{
	int result;

	note_forget(to);
	result = NEXT(dup3)(from, to, flags);
	note_forget(to);
	return result;
}

/* Overrides libc's fclose, whose close of the descriptor passes no wrapper. */
EXPORT int fclose(FILE *stream)
{
	int saved = errno, fd = fileno(stream), result;

	errno = saved;
	(void)shim_state();
	note_forget(fd);
	result = NEXT(fclose)(stream);
	note_forget(fd);
	return result;
}

/* Overrides libc's closedir. */
EXPORT int closedir(DIR *directory)
{
	int fd = dirfd(directory), result;

	(void)shim_state();
	note_forget(fd);
	result = NEXT(closedir)(directory);
	note_forget(fd);
	return result;
}

/* Overrides libc's close_range (glibc 2.34). */
EXPORT int close_range(unsigned first, unsigned last, int flags)
{
	int result;

	note_forget_range(first, last);
	result = NEXT(close_range)(first, last, flags);
	note_forget_range(first, last);
	return result;
}

/* Overrides libc's closefrom (glibc 2.34), which passes no wrapper either. */
EXPORT void closefrom(int first)
{
	unsigned from = first < 0 ? 0 : (unsigned)first;

	note_forget_range(from, ~0u);
	NEXT(closefrom)(first);
	note_forget_range(from, ~0u);
}
