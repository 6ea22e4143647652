/* SPDX-License-Identifier: MIT
 * The two processes between the host and a keeper. Both share the host's memory, not its
 * descriptors. The first opens the file and waits for the lock, and dies with the host's thread;
 * the second becomes the keeper, and is left to whoever takes orphans. Where that would be the host
 * itself, the first process stays as its parent. Neither touches errno or any other state of libc:
 * the host's thread goes on beside them. */
#ifndef LOCKSHIM_KEEPER_CHILD_H
#define LOCKSHIM_KEEPER_CHILD_H

#include <fcntl.h>
#include <stdbool.h>
#include <sys/types.h>

#include "shim/keeper.h"

#define KEEPER_CHILD_STACK 8192

/* Where it ended, for LOCKSHIM_DEBUG. */
enum keeper_step {
	KEEPER_DIED,
	KEEPER_OPEN,
	KEEPER_LOCK,
	KEEPER_CLONE,
	KEEPER_EXEC,
	KEEPER_DONE,
};

/* Whoever changes KEEPER_WAITS has it: what is being started, or on the way to its wait, is not
 * called off. */
enum keeper_phase { KEEPER_WAITS, KEEPER_STARTS, KEEPER_CALLED_OFF };

/* Pages of their own: the host's thread may be gone before the processes are. */
struct keeper_job {
	struct keeper_request request;
	bool flocked; /* the original itself holds a native flock */
	short held;   /* what the original itself holds over the whole file */
	const char *program;
	pid_t host, thread;    /* who waits */
	int own;               /* the first process's descriptor of the file */
	bool shepherd;         /* the host would inherit the keeper: the first process stays */
	pid_t shepherd_id;     /* that process, once it stays */
	volatile int keeper;   /* the keeper's id */
	volatile int phase;    /* enum keeper_phase */
	volatile int result;   /* 0 or -errno */
	volatile int step;     /* enum keeper_step */
	volatile int alive;    /* the first process's id; the kernel clears it */
	volatile int finished; /* it is done */
	char path[48];
	char second[KEEPER_CHILD_STACK] __attribute__((aligned(16)));
	char first[KEEPER_CHILD_STACK] __attribute__((aligned(16)));
};

/* The original's shared lock is given up for an exclusive one alone. */
static inline bool keeper_is_atomic(const struct keeper_job *job)
{
	return job->request.atomic && job->request.type == F_WRLCK && job->held == F_RDLCK;
}

/* Reads LIFE again. A keeper of before may be in its last moment: waits about a second, since that
 * can be stopped. */
void keeper_lock_life(int fd);

/* clone()'s function, with struct keeper_job. All signals are blocked. */
int keeper_child_main(void *job);

#endif
