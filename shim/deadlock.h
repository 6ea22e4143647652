/* SPDX-License-Identifier: MIT
 * Waits for OFD locks that would never end: the kernel looks for no cycle among those. Preloaded
 * processes of one user publish what they wait for and what they hold (shim/state.h). */
#ifndef LOCKSHIM_DEADLOCK_H
#define LOCKSHIM_DEADLOCK_H

#include <stdbool.h>
#include <stdint.h>

struct deadlock_wait {
	uint32_t *record; /* NULL: not published */
	uint32_t owner;
	unsigned rounds; /* of a polled one */
};

/* Before this thread waits for an OFD lock of TYPE over [START, END], both ends included, of FD,
 * which was refused just now: publishes the wait. 0: go and wait by F_OFD_SETLKW. -EDEADLK: a cycle
 * of waiting preloaded processes, of which this one yields. -EINTR: a signal came meanwhile whose
 * handler does not restart calls. After an error nothing is left published. Async-signal-safe; no
 * cancellation point. */
int deadlock_begin(struct deadlock_wait *wait, int fd, short type, int64_t start, int64_t end);

/* Once the wait is over, however it ended. Where a handler jumped out of it or the thread was
 * cancelled this may stay away: what is left is known for stale. */
void deadlock_end(struct deadlock_wait *wait);

/* The same for a wait that is polled with all signals held back (shim/deferred.h). deadlock_found()
 * is asked in each round, after a refusal: true where this process yields, with EDEADLK. */
void deadlock_begin_polled(struct deadlock_wait *wait, int fd, short type, int64_t start,
			   int64_t end);
bool deadlock_found(struct deadlock_wait *wait);

/* After an unlock of this process: a load, where none of its threads waits. Who looks for a cycle
 * at the moment looks again. */
void deadlock_released(void);

#endif
