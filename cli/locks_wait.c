/* SPDX-License-Identifier: MIT
 * Looks again and again: to wait by asking for the lock would be to take it. */
#include "cli/locks.h"

#include <err.h>
#include <sys/stat.h>
#include <time.h>

#define TURN 50000000               /* nanoseconds */
#define FIRST_NAMESPACE 0xeffffffcu /* the kernel's PROC_PID_INIT_INO */

static uint64_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_nsec;
}

static bool is_locked(const struct cli_locks *locks, const struct cli_lock_line *line)
{
	return !line->level && line->family != CLI_LOCK_LEASE &&
	       cli_lock_table_wants(locks->files, locks->files_count, line) &&
	       line->start <= locks->end && locks->start <= line->end;
}

static bool is_any_locked(const struct cli_locks *locks)
{
	static struct cli_lock_lines lines; /* used again at every turn */

	if (!cli_lock_lines_read(&lines))
		err(CLI_FAILED, "/proc/locks");
	for (size_t i = 0; i < lines.list.count; i++) {
		if (is_locked(locks, &lines.list.at[i]))
			return true;
	}
	return false;
}

/* Where a range was given a server is asked, too. */
static bool is_any_asked(const struct cli_locks *locks)
{
	for (size_t i = 0; locks->ranged && i < locks->files_count; i++) {
		bool failed;

		if (cli_locks_asked_any(locks, locks->arguments->operands[i], &failed))
			return true;
		if (failed)
			err(CLI_FAILED, "%s", locks->arguments->operands[i]);
	}
	return false;
}

bool cli_locks_hidden(void)
{
	struct stat st;

	if (stat("/proc/1/ns/pid", &st) && stat("/proc/self/ns/pid", &st))
		return false;
	return st.st_ino != FIRST_NAMESPACE;
}

bool cli_locks_wait(const struct cli_locks *locks)
{
	const struct timespec turn = { .tv_nsec = TURN };
	const uint64_t begin = now();

	while (is_any_locked(locks) || is_any_asked(locks)) {
		if (locks->timeout && now() - begin >= locks->timeout)
			return false;
		nanosleep(&turn, NULL);
	}
	return true;
}
