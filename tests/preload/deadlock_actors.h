/* SPDX-License-Identifier: MIT
 * Processes that lock as they are told, and answer when they were granted or refused. */
#ifndef LOCKSHIM_TESTS_PRELOAD_DEADLOCK_ACTORS_H
#define LOCKSHIM_TESTS_PRELOAD_DEADLOCK_ACTORS_H

#include "tests/preload/common.h"

#define ACTOR_FILES 4

/* Lane 0 is its first thread's, lane 1 a second thread's, a child's or a signal handler's. */
struct actor {
	pid_t pid;
	int to[2], from[2];
};

enum actor_order {
	ACTOR_SHARED = 'S', /* flock of a file, waiting */
	ACTOR_EXCLUSIVE = 'E',
	ACTOR_UNLOCK = 'U',
	ACTOR_RECORD = 'R', /* F_WRLCK over the whole file by F_SETLKW */
	ACTOR_FREE = 'F',   /* F_UNLCK */
	ACTOR_THREAD = 'T', /* from here on a thread, or a child, obeys lane 1 */
	ACTOR_CHILD = 'C',
	ACTOR_CANCEL = 'K', /* cancels the thread and joins it */
	ACTOR_OBEY = 'O',   /* on SIGUSR1 the handler obeys lane 1 to its end; restarts calls */
	ACTOR_JUMP = 'J',   /* on SIGUSR1 the handler jumps out; the order is answered with EINTR */
	ACTOR_END = 'X',    /* the lane's thread or process ends, without an answer */
};

/* Each opens the place's files 0 to 3 by itself. */
void actors_start(const struct place *place, struct actor *actors, unsigned count);
void actors_stop(struct actor *actors, unsigned count);

void actor_tell(const struct actor *actor, int lane, enum actor_order order, int file);
/* 0 or the errno of the order told last. */
int actor_answer(const struct actor *actor, int lane);
/* Both. */
int actor_does(const struct actor *actor, int lane, enum actor_order order, int file);

/* The first of them to answer on lane 0; its answer in *ret_answer. */
unsigned actors_first(const struct actor *actors, unsigned count, int *ret_answer);

/* True where an answer is there. */
bool actor_answered(const struct actor *actor, int lane);

/* Until the process's first thread has gone to sleep that often more. */
void actor_await_sleeps(const struct actor *actor, unsigned times);

/* Until it waits for a lock on the file, in the kernel. */
void actors_await_waiter(const struct place *place, int file);

const char *actor_file(const struct place *place, int file);

#endif
