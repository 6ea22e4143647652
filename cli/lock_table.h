/* SPDX-License-Identifier: MIT
 * Every lock of this host: who holds it, what was asked for, who waits and for whom. From the
 * kernel's list and the descriptors of all processes that may be looked at. */
#ifndef CLI_LOCK_TABLE_H
#define CLI_LOCK_TABLE_H

#include "cli/lock_table_lines.h"

struct cli_lock_process {
	int pid, parent;
	const char *command; /* NULL: there is no such process, or /proc hides it */
	bool unseen;         /* its descriptors may not be looked at */
	bool kernel;         /* a thread of the kernel's */
	bool preloaded;      /* the library is mapped in it, as far as that may be looked at */
	bool converts;       /* its policy converts calls, or may */
	bool facts;          /* command, parent, kernel and what follows it are filled */
	const struct policy *policy; /* NULL: not to be seen, or converts nothing */
};

/* One descriptor through which a process has the lock; of a waiter: through which it asks. */
struct cli_lock_holder {
	struct cli_lock_process *process;
	int fd; /* -1: not known */
};

enum cli_lock_note {
	CLI_LOCK_NOTE_CONVERTED,   /* the program asked for another family */
	CLI_LOCK_NOTE_KEEPER,      /* a keeper holds it for the holders */
	CLI_LOCK_NOTE_KEEPER_LOST, /* its keeper is gone, and with it the lock */
	CLI_LOCK_NOTE_REMOTE,      /* of another host */
	CLI_LOCK_NOTE_SHARED,      /* several processes have the description */
	CLI_LOCK_NOTE_DELETED,     /* the file has no name any more */
	CLI_LOCK_NOTE_UPGRADING, /* a shared lock that is kept until the exclusive one is granted */
	CLI_LOCK_NOTES,
};
extern const char *const cli_lock_note_names[CLI_LOCK_NOTES];
extern const char *const cli_lock_family_names[CLI_LOCK_FAMILIES]; /* NULL: unknown */

/* A lock as its program would see it: what is converted is one row of the range that was asked for,
 * whatever pieces the kernel has. */
struct cli_lock_row {
	struct cli_lock_line line;
	enum cli_lock_family asked; /* UNKNOWN where that can't be told */
	unsigned notes;             /* bits by enum cli_lock_note */
	struct cli_lock_holder *holders;
	size_t holders_count;
	struct cli_lock_row **blockers; /* of a waiter: what is in its way */
	size_t blockers_count;
	const char **remote;  /* hosts that it may be of; NULL-terminated, or NULL */
	const char *path;     /* NULL: no descriptor of it may be looked at */
	unsigned description; /* of those that hold it; 0: not known */
	bool dropped;         /* part of another row */
};

struct cli_lock_table {
	struct cli_lock_row **rows; /* of one file side by side, by range, waiters last */
	size_t count;
	struct cli_lock_process **processes;
	size_t processes_count;
	size_t unseen; /* processes whose descriptors may not be looked at */
	bool torn;     /* locks changed as often as they were looked at */
};

/* Of FILES, or of all where COUNT is 0. False with errno where there is no list. */
bool cli_lock_table_read(struct cli_lock_table *ret, const struct cli_lock_file *files,
			 size_t count);

/* True where the list has a row of LINE's file in FILES, or COUNT is 0. */
bool cli_lock_table_wants(const struct cli_lock_file *files, size_t count,
			  const struct cli_lock_line *line);

/* A row's first holder, the one who took it where that still has it; NULL: none is known. */
const struct cli_lock_process *cli_lock_row_process(const struct cli_lock_row *row);

/* True where both have a byte. */
bool cli_lock_rows_touch(const struct cli_lock_row *one, const struct cli_lock_row *other);

#endif
