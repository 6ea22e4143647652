/* SPDX-License-Identifier: MIT
 * The rows of the storm: one kind of disturbance each. */
#ifndef LOCKSHIM_TESTS_STORM_ROWS_H
#define LOCKSHIM_TESTS_STORM_ROWS_H

#include "tests/storm/storm.h"

enum row_flag {
	ROW_DESCRIPTION =
		1 << 0,         /* needs locks that belong to the description: not flock = posix */
	ROW_NO_TSAN = 1 << 1,   /* its children share our memory, behind tsan's back */
	ROW_OPEN_MODE = 1 << 2, /* LOCK_EX on a read-only description: where open-mode grants it */
	ROW_INTERRUPTED = 1 << 3, /* has to have met EINTR */
	ROW_EVENTS = 1 << 4,      /* has to have had its events */
	ROW_LOOKS = 1 << 5,       /* only looks */
	ROW_RECORDS = 1 << 6,     /* record locks that closes don't drop: under fcntl = ofd */
};

struct row {
	const char *name, *what;
	void (*run)(struct actor *actor); /* until storm_over(); NULL: the outsider */
	unsigned flags;
};

extern const struct row rows[];
extern const unsigned rows_count;

void row_processes(struct actor *actor);
void row_threads(struct actor *actor);
void row_shared(struct actor *actor);
void row_readers(struct actor *actor);
void row_nonblocking(struct actor *actor);
void row_upgrades(struct actor *actor);
void row_open_mode(struct actor *actor);
void row_signals(struct actor *actor);
void row_signals_restart(struct actor *actor);
void row_signals_threads(struct actor *actor);
void row_fork(struct actor *actor);
void row_fork_threads(struct actor *actor);
void row_close_all(struct actor *actor);
void row_vfork(struct actor *actor);
void row_spawn(struct actor *actor);
void row_exec(struct actor *actor);
void row_cancel_flock(struct actor *actor);
void row_cancel_read(struct actor *actor);
void row_reuse(struct actor *actor);
void row_reuse_unseen(struct actor *actor);
void row_kill(struct actor *actor);
void row_records(struct actor *actor);
/* Lets go of a record lock over the whole file. */
void record_let_go(struct actor *actor, int fd);

/* What is executed by rows: MODE PLACE SLOT FD. False where argv is none of these; else it ends
 * with the status in *ret_status. */
bool helper_main(int argc, char **argv, int *ret_status);

#endif
