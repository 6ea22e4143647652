/* SPDX-License-Identifier: MIT
 * Rows that only lock: processes, threads, readers, upgrades. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <unistd.h>

#include "tests/storm/host.h"
#include "tests/storm/rows.h"

/* A descriptor kept open, its own turn again and again. */
void row_processes(struct actor *actor)
{
	int fd = host_open(actor, FILE_COUNTER, O_RDWR);

	while (!storm_over()) {
		host_turn(actor, fd, FILE_COUNTER);
		actor_rest(actor);
	}
	close(fd);
}

static void fresh_turns(struct actor *actor)
{
	while (!storm_over()) {
		host_fresh_turn(actor, actor_random(actor, FILE_COUNT));
		actor_rest(actor);
	}
}

void row_threads(struct actor *actor)
{
	struct host_threads *threads = host_start_threads(actor, 2, fresh_turns);

	row_processes(actor);
	host_join_threads(actor, threads);
}

static pthread_mutex_t shared_mutex = PTHREAD_MUTEX_INITIALIZER;
static int shared_fd;

static void shared_turns(struct actor *actor)
{
	while (!storm_over()) {
		pthread_mutex_lock(&shared_mutex);
		host_turn(actor, shared_fd, FILE_COUNTER);
		pthread_mutex_unlock(&shared_mutex);
		actor_rest(actor);
	}
}

void row_shared(struct actor *actor)
{
	struct host_threads *threads;

	shared_fd = host_open(actor, FILE_COUNTER, O_RDWR);
	threads = host_start_threads(actor, 2, shared_turns);
	shared_turns(actor);
	host_join_threads(actor, threads);
	close(shared_fd);
}

static void look_once(struct actor *actor, int fd)
{
	if (host_take(actor, fd, LOCK_SH)) {
		turn_look(actor, FILE_COUNTER);
		host_let_go(actor, fd);
	}
	actor_rest(actor);
}

static void looks(struct actor *actor)
{
	int fd = host_open(actor, FILE_COUNTER, actor_random(actor, 2) ? O_RDONLY : O_RDWR);

	while (!storm_over())
		look_once(actor, fd);
	close(fd);
}

void row_readers(struct actor *actor)
{
	struct host_threads *threads = NULL;

	if (!storm.ledger->by_process)
		threads = host_start_threads(actor, 1, looks);
	looks(actor);
	host_join_threads(actor, threads);
}

static void try_once(struct actor *actor, int fd)
{
	int wait = actor_random(actor, 8) ? LOCK_NB : 0;

	if (actor_random(actor, 2)) {
		if (!host_take(actor, fd, LOCK_EX | wait))
			return;
		turn_whole(actor, FILE_COUNTER);
	} else {
		if (!host_take(actor, fd, LOCK_SH | wait))
			return;
		turn_look(actor, FILE_COUNTER);
	}
	host_let_go(actor, fd);
}

void row_nonblocking(struct actor *actor)
{
	int fd = host_open(actor, FILE_COUNTER, O_RDWR);

	while (!storm_over()) {
		try_once(actor, fd);
		actor_rest(actor);
	}
	close(fd);
}

/* Under upgrade = atomic a cycle of upgraders is refused, and the shared lock kept. */
static bool upgrade(struct actor *actor, int fd)
{
	int wait = actor_random(actor, 4) ? 0 : LOCK_NB;

	if (!storm.ledger->keeps)
		return host_take(actor, fd, LOCK_EX | wait);
	if (!flock(fd, LOCK_EX | wait))
		return true;
	if (errno == EDEADLK || errno == EWOULDBLOCK)
		actor_tally(actor, TALLY_REFUSED);
	else
		actor_fault(actor, FAULT_ANSWER, LOCK_EX, (uint64_t)errno);
	return false;
}

/* After EX to SH nobody else may have been in. */
static void downgrade(struct actor *actor, int fd)
{
	uint64_t mine = actor->slot->intent, now;

	if (!host_take(actor, fd, LOCK_SH))
		return;
	now = turn_look(actor, FILE_COUNTER);
	if (now != mine)
		actor_fault(actor, FAULT_CHANGED, mine, now);
}

static void up_and_down(struct actor *actor, int fd)
{
	uint64_t before, now;

	if (!host_take(actor, fd, LOCK_SH))
		return;
	before = turn_look(actor, FILE_COUNTER);
	if (upgrade(actor, fd)) {
		now = GET(storm.pair[FILE_COUNTER]->first);
		if (storm.ledger->keeps && now != before)
			actor_fault(actor, FAULT_CHANGED, before, now);
		turn_whole(actor, FILE_COUNTER);
		actor_tally(actor, TALLY_EVENTS);
		if (actor_random(actor, 4))
			downgrade(actor, fd);
	} else if (storm.ledger->keeps) {
		now = turn_look(actor, FILE_COUNTER);
		if (now != before)
			actor_fault(actor, FAULT_CHANGED, before, now);
	}
	host_let_go(actor, fd);
}

static void upgrades(struct actor *actor)
{
	int fd = host_open(actor, FILE_COUNTER, O_RDWR);

	while (!storm_over()) {
		up_and_down(actor, fd);
		actor_rest(actor);
	}
	close(fd);
}

/* At least two, or nobody meets another who upgrades. */
void row_upgrades(struct actor *actor)
{
	struct host_threads *threads = NULL;

	if (!storm.ledger->by_process)
		threads = host_start_threads(actor, 1, upgrades);
	upgrades(actor);
	host_join_threads(actor, threads);
}

/* The counter is written through its mapping. */
static void wrong_way_round(struct actor *actor)
{
	int reads = host_open(actor, FILE_COUNTER, O_RDONLY);
	int writes = host_open(actor, FILE_COUNTER, O_WRONLY);

	while (!storm_over()) {
		if (actor_random(actor, 3))
			host_turn(actor, reads, FILE_COUNTER);
		else
			look_once(actor, writes);
		actor_rest(actor);
	}
	close(reads);
	close(writes);
}

void row_open_mode(struct actor *actor)
{
	struct host_threads *threads = NULL;

	if (!storm.ledger->by_process)
		threads = host_start_threads(actor, 1, wrong_way_round);
	wrong_way_round(actor);
	host_join_threads(actor, threads);
}
