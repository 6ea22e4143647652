/* SPDX-License-Identifier: MIT
 * The mapped files, the slots, the dice. */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "tests/storm/storm.h"

struct storm storm;

static void *map_file(const char *path, size_t size, bool make)
{
	int fd = open(path, O_RDWR | O_CLOEXEC | (make ? O_CREAT | O_EXCL : 0), 0600);
	void *at;

	if (fd < 0 || (make && ftruncate(fd, (off_t)size))) {
		perror(path);
		exit(2);
	}
	at = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (at == MAP_FAILED) {
		perror(path);
		exit(2);
	}
	close(fd);
	return at;
}

void storm_map(const char *place, bool make)
{
	static const char *const names[FILE_COUNT] = { "counter", "other" };
	char ledger[288];
	int i;

	snprintf(storm.place, sizeof storm.place, "%s", place);
	for (i = 0; i < FILE_COUNT; i++) {
		snprintf(storm.path[i], sizeof storm.path[i], "%s/%s", storm.place, names[i]);
		storm.pair[i] = map_file(storm.path[i], sizeof *storm.pair[i], make);
	}
	snprintf(ledger, sizeof ledger, "%s/ledger", storm.place);
	storm.ledger = map_file(ledger, sizeof *storm.ledger, make);
}

bool storm_over(void)
{
	return GET(storm.ledger->stop);
}

/* Splitmix64: any two seeds give streams of their own. */
static uint64_t scatter(uint64_t value)
{
	value += 0x9e3779b97f4a7c15u;
	value = (value ^ value >> 30) * 0xbf58476d1ce4e5b9u;
	value = (value ^ value >> 27) * 0x94d049bb133111ebu;
	return value ^ value >> 31;
}

struct actor actor_at(uint32_t number)
{
	struct slot *slot = &storm.ledger->slots[number];
	uint64_t turns = slot->count[FILE_COUNTER] + slot->count[FILE_OTHER];

	return (struct actor){
		.slot = slot,
		.number = number,
		.random = scatter(storm.ledger->seed + scatter(number) + turns),
	};
}

struct actor actor_new(unsigned row)
{
	uint32_t number = __atomic_fetch_add(&storm.ledger->slots_used, 1, __ATOMIC_RELAXED);

	if (number >= SLOTS) {
		fputs("storm: no slot is left\n", stderr);
		exit(2);
	}
	storm.ledger->slots[number].row = row;
	return actor_at(number);
}

unsigned actor_random(struct actor *actor, unsigned below)
{
	actor->random += 0x9e3779b97f4a7c15u;
	return (unsigned)(scatter(actor->random) >> 32) % below;
}

void actor_tally(struct actor *actor, enum tally what)
{
	PUT(actor->slot->tally[what], actor->slot->tally[what] + 1);
}

void actor_fault(struct actor *actor, enum fault_kind kind, uint64_t a, uint64_t b)
{
	struct ledger *ledger = storm.ledger;
	uint32_t place = __atomic_fetch_add(&ledger->faults_used, 1, __ATOMIC_RELAXED);

	actor_tally(actor, TALLY_FAULTS);
	if (place < FAULTS_KEPT)
		ledger->faults[place] = (struct fault){ actor->slot->row, kind, a, b };
}

void actor_rest(struct actor *actor)
{
	struct timespec pause = { .tv_nsec = (long)actor_random(actor, 300000) };
	int saved = errno;

	if (actor_random(actor, 3))
		sched_yield();
	else
		nanosleep(&pause, NULL);
	errno = saved;
}
