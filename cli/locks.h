/* SPDX-License-Identifier: MIT
 * lockshim locks: which files and bytes were asked about, and what is printed of the table. */
#ifndef CLI_LOCKS_H
#define CLI_LOCKS_H

#include "cli/cli.h"
#include "cli/lock_table.h"
#include "cli/mounts.h"

struct cli_locks {
	const struct cli_arguments *arguments;
	struct cli_lock_file *files; /* by operand */
	size_t files_count;
	bool ranged;
	int64_t start, end; /* both included */
	uint64_t timeout;   /* in nanoseconds; 0: none */
	struct cli_mounts mounts;
	struct cli_lock_table table;
};

/* The files that were named, by device and inode: the same under every name and bind mount. False
 * once it is said which can't be found. */
bool cli_locks_files(struct cli_locks *locks);

/* START[-END] or START-, as bytes of a file. */
bool cli_locks_range(const char *text, int64_t *ret_start, int64_t *ret_end);

/* Asks for each file by F_GETLK, lock after lock, what the kernel's list has not: locks that a
 * server keeps. Adds them to the table. False once it is said of which file it failed. */
bool cli_locks_ask(struct cli_locks *locks);
/* True where FILE, a name, has such a lock in the range; *ret_failed as above. */
bool cli_locks_asked_any(const struct cli_locks *locks, const char *file, bool *ret_failed);

/* Whether ROW is among what was asked for. */
bool cli_locks_wants(const struct cli_locks *locks, const struct cli_lock_row *row);

/* True where the kernel's list leaves out what is of another PID namespace: all POSIX locks and
 * flocks of processes outside. It goes by the namespace of /proc, of which process 1 is. */
bool cli_locks_hidden(void);

/* False once the timeout has passed. */
bool cli_locks_wait(const struct cli_locks *locks);

/* False once it is said which column is unknown. */
bool cli_locks_print(const struct cli_locks *locks);

#endif
