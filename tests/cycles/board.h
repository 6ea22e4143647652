/* SPDX-License-Identifier: MIT
 * What each process says of itself, in shared memory under one mutex, and what follows from it. */
#ifndef LOCKSHIM_TESTS_CYCLES_BOARD_H
#define LOCKSHIM_TESTS_CYCLES_BOARD_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#define BOARD_PROCESSES 16
#define BOARD_FILES 8
#define BOARD_UNITS 8 /* sections of a file; flock has one */

enum board_type { BOARD_NONE, BOARD_SHARED, BOARD_EXCLUSIVE };

/* A lock is written down once it was granted, and wiped out before it is let go; a wait is written
 * down before it begins. So who waits here and is waited for holds what stands here. */
struct board_process {
	uint8_t held[BOARD_FILES][BOARD_UNITS]; /* enum board_type */
	bool ready;                             /* for signals */
	bool waits;
	bool dying; /* is being killed: holds what stands here, or nothing any more */
	int file, first, last;
	enum board_type type;
	uint64_t changes;     /* grows with each change */
	uint64_t undisturbed; /* the board's disturbances when the wait began */
};

struct board {
	pthread_mutex_t mutex;
	unsigned processes;
	bool over; /* they are being killed, and what stands here is not true any more */
	struct board_process process[BOARD_PROCESSES];
	/* Signals and kills, when they are sent and when they end a wait: each may end a cycle that
	 * was seen just now. */
	uint64_t disturbances;
	uint64_t granted, deadlocks, unjudged, interrupted, jumped, killed;
	uint64_t faults;
	char fault[200]; /* the first */
};

void board_make(struct board *board, unsigned processes);
/* Who died with the mutex left whole sentences behind. */
void board_lock(struct board *board);
void board_unlock(struct board *board);

/* Under the mutex. */

/* True where ME's wait leads back to ME over processes each of which waits. */
bool board_is_cycle(const struct board *board, unsigned me);

/* A process that holds what ME waits for; -1: none. */
int board_holder(const struct board *board, unsigned me);

/* True where ME must not have been granted what it waits for. What stood against it was let go, and
 * wiped out before that, or is being changed to something weaker. */
bool board_is_broken(const struct board *board, unsigned me);

void board_fault(struct board *board, const char *what, unsigned me);

#endif
