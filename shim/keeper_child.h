/* SPDX-License-Identifier: MIT
 * The two processes between the host and a keeper. Both share the host's memory, not its
 * descriptors. The first opens the file and waits for the lock, and dies with the host's thread;
 * the second becomes the keeper. Neither may touch errno: the host's thread goes on beside them. */
#ifndef LOCKSHIM_KEEPER_CHILD_H
#define LOCKSHIM_KEEPER_CHILD_H

#include <stdbool.h>
#include <sys/types.h>

#include "shim/keeper.h"

#define KEEPER_CHILD_STACK 20480 /* a signal frame takes up to 11 KiB */
#define KEEPER_SECOND_STACK 8192

/* What went wrong, for LOCKSHIM_DEBUG. */
enum keeper_step { KEEPER_DONE, KEEPER_OPEN, KEEPER_LOCK, KEEPER_CLONE, KEEPER_EXEC, KEEPER_DIED };

/* Pages of their own: the host's thread may be gone before the processes are. */
struct keeper_job {
	struct keeper_request request;
	const char *program;
	pid_t host;          /* as the first process sees its parent */
	int own;             /* its descriptor of the file */
	volatile int cancel; /* by the host, with KEEPER_CALL */
	volatile int result; /* 0 or -errno; by the processes */
	volatile int step;   /* enum keeper_step */
	volatile int alive;  /* the first process's id; the kernel clears it and wakes */
	char path[48];
	char second[KEEPER_SECOND_STACK] __attribute__((aligned(16)));
	char first[KEEPER_CHILD_STACK] __attribute__((aligned(16)));
};

/* The signal that makes the first process look at `cancel`. */
#define KEEPER_CALL SIGUSR1

/* clone()'s function, with struct keeper_job. All signals are blocked. */
int keeper_child_main(void *job);

#endif
