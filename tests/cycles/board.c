/* SPDX-License-Identifier: MIT
 * The graph of who waits for whom, from what they say. */
#include "tests/cycles/board.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

void board_make(struct board *board, unsigned processes)
{
	pthread_mutexattr_t attributes;

	memset(board, 0, sizeof *board);
	board->processes = processes;
	pthread_mutexattr_init(&attributes);
	pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
	pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST);
	pthread_mutex_init(&board->mutex, &attributes);
	pthread_mutexattr_destroy(&attributes);
}

void board_lock(struct board *board)
{
	if (pthread_mutex_lock(&board->mutex) == EOWNERDEAD)
		pthread_mutex_consistent(&board->mutex);
}

void board_unlock(struct board *board)
{
	pthread_mutex_unlock(&board->mutex);
}

static bool stands_against(const struct board_process *waiter, const struct board_process *holder)
{
	int unit;

	for (unit = waiter->first; unit <= waiter->last; unit++) {
		enum board_type held = holder->held[waiter->file][unit];

		if (held != BOARD_NONE &&
		    (held == BOARD_EXCLUSIVE || waiter->type == BOARD_EXCLUSIVE))
			return true;
	}
	return false;
}

/* Whoever can be reached over waits: one that does not wait leads nowhere. */
bool board_is_cycle(const struct board *board, unsigned me)
{
	bool reached[BOARD_PROCESSES] = { false }, more = true;
	unsigned from, to;

	if (!board->process[me].waits)
		return false;
	while (more && !reached[me]) {
		more = false;
		for (from = 0; from < board->processes; from++) {
			if ((from != me && !reached[from]) || !board->process[from].waits)
				continue;
			for (to = 0; to < board->processes; to++)
				if (to != from && !reached[to] &&
				    stands_against(&board->process[from], &board->process[to]))
					more = reached[to] = true;
		}
	}
	return reached[me];
}

int board_holder(const struct board *board, unsigned me)
{
	unsigned i;

	for (i = 0; i < board->processes; i++)
		if (i != me && stands_against(&board->process[me], &board->process[i]))
			return (int)i;
	return -1;
}

static bool stands_still_against(const struct board_process *granted,
				 const struct board_process *holder)
{
	struct board_process weaker = *holder;
	int unit;

	for (unit = holder->first; holder->waits && unit <= holder->last; unit++)
		if (weaker.held[holder->file][unit] > holder->type)
			weaker.held[holder->file][unit] = (uint8_t)holder->type;
	return stands_against(granted, &weaker);
}

bool board_is_broken(const struct board *board, unsigned me)
{
	unsigned i;

	for (i = 0; i < board->processes; i++)
		if (i != me && !board->process[i].dying &&
		    stands_still_against(&board->process[me], &board->process[i]))
			return true;
	return false;
}

void board_fault(struct board *board, const char *what, unsigned me)
{
	if (!board->over && !board->faults++)
		snprintf(board->fault, sizeof board->fault, "process %u: %s", me, what);
}
