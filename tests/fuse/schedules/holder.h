/* SPDX-License-Identifier: MIT
 * A process that has one turn: takes the lock, writes, is told to let go, and ends. */
#ifndef LOCKSHIM_TESTS_FUSE_HOLDER_H
#define LOCKSHIM_TESTS_FUSE_HOLDER_H

#include <stdbool.h>
#include <sys/types.h>

#include "tests/fuse/schedules/plan.h"

struct holder {
	pid_t pid;
	int tell, hear;
};

/* SYNCS: the program calls fdatasync itself before it lets go. */
struct holder holder_start(const struct plan *plan, unsigned turn, const char *path, bool syncs);

/* Until its records are written. False: it is gone, as the file crashed. */
bool holder_has_written(const struct holder *holder);

/* Tells it to let go, unless it is gone, and waits for its end. */
void holder_finish(struct holder *holder);

#endif
