/* SPDX-License-Identifier: MIT
 * The table of rows. */
#include "tests/storm/rows.h"

const struct row rows[] = {
	{ "outsider", "raw system calls, no shim", NULL, 0 },
	{ "processes", "a description each", row_processes, 0 },
	{ "threads", "a description each", row_threads, ROW_DESCRIPTION },
	{ "shared", "threads on one description, behind a mutex", row_shared, 0 },
	{ "readers", "LOCK_SH in processes and threads", row_readers, ROW_LOOKS },
	{ "nonblocking", "LOCK_NB, mixed with waiting", row_nonblocking, 0 },
	{ "upgrades", "SH to EX and back", row_upgrades, ROW_EVENTS },
	{ "read-only", "EX on O_RDONLY, SH on O_WRONLY", row_open_mode, ROW_OPEN_MODE },
	{ "signals", "handlers lock; waits end with EINTR", row_signals,
	  ROW_EVENTS | ROW_INTERRUPTED },
	{ "signals-restart", "the same under SA_RESTART", row_signals_restart, ROW_EVENTS },
	{ "signals-threads", "the same, in several threads", row_signals_threads,
	  ROW_EVENTS | ROW_INTERRUPTED | ROW_DESCRIPTION },
	{ "fork", "while holding; child or parent unlocks", row_fork,
	  ROW_EVENTS | ROW_DESCRIPTION },
	{ "fork-threads", "the same beside threads that lock", row_fork_threads,
	  ROW_EVENTS | ROW_DESCRIPTION },
	{ "close-all", "forked children close everything", row_close_all,
	  ROW_EVENTS | ROW_DESCRIPTION },
	{ "vfork", "vfork and clone children lock, close, exec", row_vfork,
	  ROW_EVENTS | ROW_DESCRIPTION | ROW_NO_TSAN },
	{ "spawn", "posix_spawn of lockers", row_spawn, ROW_EVENTS | ROW_DESCRIPTION },
	{ "exec", "with the lock held", row_exec, ROW_EVENTS | ROW_DESCRIPTION },
	{ "cancel-flock", "threads cancelled while they wait in flock", row_cancel_flock,
	  ROW_EVENTS | ROW_DESCRIPTION },
	{ "cancel-read", "threads cancelled while they hold and read", row_cancel_read,
	  ROW_EVENTS | ROW_DESCRIPTION },
	{ "reuse", "descriptor numbers become other files", row_reuse,
	  ROW_EVENTS | ROW_DESCRIPTION },
	{ "kill", "SIGKILL of holders and waiters", row_kill, ROW_EVENTS },
};
const unsigned rows_count = sizeof rows / sizeof rows[0];
