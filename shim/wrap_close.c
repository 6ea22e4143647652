/* SPDX-License-Identifier: MIT
 * The ways to close or replace a descriptor: each removes our note of the number, before the number
 * can be another file's, and does what the next one does. None looks anything up: allocators and
 * the dynamic linker's users close descriptors before we can. */
#include <errno.h>

#include "shim/next.h"
#include "shim/note.h"
#include "shim/start.h"
#include "shim/wrap.h"

/* Overrides libc's close. Not seen: fclose's, closedir's and freopen's own, and raw system calls.
 */
EXPORT int close(int fd)
{
	note_forget(fd);
	return NEXT(close)(fd);
}

/* Overrides libc's dup2. */
EXPORT int dup2(int from, int to)
{
	if (from != to)
		note_forget(to);
	return NEXT(dup2)(from, to);
}

/* Overrides libc's dup3. */
EXPORT int dup3(int from, int to, int flags)
{
	note_forget(to);
	return NEXT(dup3)(from, to, flags);
}

/* Overrides libc's fclose, whose close of the descriptor passes no wrapper. */
EXPORT int fclose(FILE *stream)
{
	int saved = errno;

	(void)shim_state();
	note_forget(fileno(stream));
	errno = saved;
	return NEXT(fclose)(stream);
}

/* Overrides libc's close_range (glibc 2.34). */
EXPORT int close_range(unsigned first, unsigned last, int flags)
{
	note_forget_range(first, last);
	return NEXT(close_range)(first, last, flags);
}

/* Overrides libc's closefrom (glibc 2.34), which passes no wrapper either. */
EXPORT void closefrom(int first)
{
	note_forget_range(first < 0 ? 0 : (unsigned)first, ~0u);
	NEXT(closefrom)(first);
}
