/* SPDX-License-Identifier: MIT
 * What the parts of lock_table*.c have in common: the steps from lines to rows. */
#ifndef CLI_LOCK_TABLE_INSIDE_H
#define CLI_LOCK_TABLE_INSIDE_H

#include "cli/lock_table.h"

/* A line of a descriptor's fdinfo. */
struct cli_lock_sight {
	struct cli_lock_line line;
	struct cli_lock_process *process;
	int fd;
	const char *path,
		*state;       /* state: fdinfo's lines before the locks: position, flags, mount */
	unsigned description; /* number of the open file description; 0: not given yet */
};

struct cli_lock_sights {
	struct cli_lock_sight *at;
	size_t count;
	unsigned descriptions;
};

/* A number of /proc: a process, a thread or a descriptor; -1: TEXT is none. */
int cli_lock_table_number(const char *text);

/* AT with room for one more behind COUNT. */
void *cli_lock_table_grow(void *at, size_t count, size_t size);

struct cli_lock_row *cli_lock_table_add(struct cli_lock_table *table,
					const struct cli_lock_line *line);
struct cli_lock_process *cli_lock_table_process(struct cli_lock_table *table, int pid);
void cli_lock_row_hold(struct cli_lock_row *row, struct cli_lock_process *process, int fd);
bool cli_lock_row_held_by(const struct cli_lock_row *row, int pid);

/* Looks at every descriptor of every process for locks of FILES. */
void cli_lock_table_scan(struct cli_lock_table *table, const struct cli_lock_file *files,
			 size_t count, struct cli_lock_sights *ret);
/* True where PROCESS may be looked at and has FILE's inode open. */
bool cli_lock_table_has_open(const struct cli_lock_process *process,
			     const struct cli_lock_file *file);
/* Fills in PROCESS's facts, once. */
void cli_lock_table_facts(struct cli_lock_process *process);

/* Numbers the descriptions behind the sights, and gives each row its holders. */
void cli_lock_table_assign(struct cli_lock_table *table, struct cli_lock_sights *sights);

/* Who waits: by the kernel's number, or by the call that a thread is in. */
void cli_lock_table_waiters(struct cli_lock_table *table);

/* What came from other hosts. */
void cli_lock_table_remote(struct cli_lock_table *table);

/* Makes of the pieces of converted locks what was asked for. */
void cli_lock_table_shapes(struct cli_lock_table *table);

/* Who is in a waiter's way. */
void cli_lock_table_block(struct cli_lock_table *table);

/* Rows of one file side by side, by range, waiters last. */
void cli_lock_table_sort(struct cli_lock_table *table);

#endif
