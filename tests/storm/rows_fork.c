/* SPDX-License-Identifier: MIT
 * Rows with forked children: in the middle of a turn, and while threads lock. */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "tests/storm/host.h"
#include "tests/storm/rows.h"

/* Each is called twice, by child and parent, with the parent's turn begun on FD. */
struct half {
	struct actor *actor; /* whose turn it is */
	struct actor *spare; /* the child's own */
	int fd;
};

static void child_ends_and_unlocks(struct half *half, bool child)
{
	if (!child)
		return;
	turn_end(half->actor);
	host_let_go(half->actor, half->fd);
}

static void parent_ends_and_unlocks(struct half *half, bool child)
{
	if (child)
		return;
	turn_end(half->actor);
	host_let_go(half->actor, half->fd);
}

/* The child's exit lets go. */
static void parent_closes_child_holds(struct half *half, bool child)
{
	if (child) {
		turn_end(half->actor);
		return;
	}
	close(half->fd);
	half->fd = -1;
}

static void child_waits_for_parent(struct half *half, bool child)
{
	parent_ends_and_unlocks(half, child);
	if (child)
		host_fresh_turn(half->spare, FILE_COUNTER);
}

static void child_closes_one_by_one(struct half *half, bool child)
{
	int fd;

	for (fd = 3; child && fd < 1024; fd++)
		close(fd);
	child_waits_for_parent(half, child);
}

static void child_closes_a_range(struct half *half, bool child)
{
	if (child)
		close_range(3, ~0u, 0);
	child_waits_for_parent(half, child);
}

static void child_closes_from(struct half *half, bool child)
{
	if (child)
		closefrom(3);
	child_waits_for_parent(half, child);
}

typedef void way_of_parting(struct half *half, bool child);

static way_of_parting *const unlock_ways[] = {
	child_ends_and_unlocks,
	parent_ends_and_unlocks,
	parent_closes_child_holds,
	child_waits_for_parent,
};

static way_of_parting *const close_ways[] = {
	child_closes_one_by_one,
	child_closes_a_range,
	child_closes_from,
};

static void part(struct half *half, way_of_parting *way)
{
	pid_t pid = fork();

	if (!pid) {
		way(half, true);
		_exit(0);
	}
	way(half, false);
	host_join_child(half->actor, pid);
	actor_tally(half->actor, TALLY_EVENTS);
}

static void part_while_holding(struct actor *actor, struct actor *spare, way_of_parting *way)
{
	struct half half = { actor, spare, host_open(actor, FILE_COUNTER, O_RDWR) };

	if (half.fd < 0)
		return;
	if (host_take(actor, half.fd, LOCK_EX)) {
		turn_begin(actor, FILE_COUNTER);
		part(&half, way);
		if (half.fd >= 0)
			host_must_be_free(actor, half.fd);
	}
	if (half.fd >= 0)
		close(half.fd);
}

static void part_again_and_again(struct actor *actor, way_of_parting *const *ways, unsigned count)
{
	struct actor spare = actor_new(actor->slot->row);

	while (!storm_over()) {
		part_while_holding(actor, &spare, ways[actor_random(actor, count)]);
		actor_rest(actor);
	}
}

#define COUNT_OF(table) (sizeof(table) / sizeof((table)[0]))

void row_fork(struct actor *actor)
{
	part_again_and_again(actor, unlock_ways, COUNT_OF(unlock_ways));
}

void row_close_all(struct actor *actor)
{
	part_again_and_again(actor, close_ways, COUNT_OF(close_ways));
}

/* They unlock, and never let a close do it: what they hold at the fork is the child's too. */
void row_fork_threads(struct actor *actor)
{
	struct host_threads *threads = host_start_threads(actor, 2, row_processes);

	row_fork(actor);
	host_join_threads(actor, threads);
}
