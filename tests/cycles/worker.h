/* SPDX-License-Identifier: MIT
 * One of the processes that lock at random. */
#ifndef LOCKSHIM_TESTS_CYCLES_WORKER_H
#define LOCKSHIM_TESTS_CYCLES_WORKER_H

#include "tests/cycles/board.h"

struct worker {
	struct board *board;
	unsigned me;
	unsigned files;
	bool records; /* fcntl over sections, else flock */
	uint32_t random;
	const char *directory;
};

/* Until it is killed. */
_Noreturn void worker_run(struct worker *worker);

#endif
