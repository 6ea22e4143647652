/* SPDX-License-Identifier: MIT
 * The ways to end at once, past all destructors. exit and quick_exit are flush.c's; a raw system
 * call and a deadly signal are nobody's. */
#include "shim/flush.h"
#include "shim/next.h"
#include "shim/start.h"
#include "shim/wrap.h"

static void begin_end(void)
{
	(void)shim_state();
	if (flush_on())
		flush_before_end();
}

/* Overrides libc's _exit. */
EXPORT void _exit(int status)
{
	begin_end();
	NEXT(exit_now)(status);
	__builtin_unreachable();
}

/* The same under C's name. */
EXPORT void _Exit(int status)
{
	begin_end();
	NEXT(exit_now_by_c)(status);
	__builtin_unreachable();
}

/* Overrides libc's daemon: who calls it ends by an _exit of libc's own, and the process's POSIX
 * locks with it; the child may replace what was open as 0, 1 and 2. */
EXPORT int daemon(int stays, int keeps)
{
	begin_end();
	return NEXT(daemon)(stays, keeps);
}
