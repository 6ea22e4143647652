/* SPDX-License-Identifier: MIT
 * The row whose children are killed: while they hold, while they wait, anywhere. */
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/storm/host.h"
#include "tests/storm/rows.h"

static _Noreturn void live(struct actor *victim)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	while (!storm_over()) {
		host_fresh_turn(victim, actor_random(victim, FILE_COUNT));
		if (!actor_random(victim, 4))
			actor_rest(victim);
	}
	_exit(0);
}

static uint64_t turns_of(const struct actor *actor)
{
	return GET(actor->slot->count[FILE_COUNTER]) + GET(actor->slot->count[FILE_OTHER]);
}

static bool holds(const struct actor *actor)
{
	return GET(storm.pair[FILE_COUNTER]->owner) == actor->number + 1 ||
	       GET(storm.pair[FILE_OTHER]->owner) == actor->number + 1;
}

/* A few turns, and then, two times in three, the middle of one. */
static void await_the_moment(struct actor *actor, const struct actor *victim)
{
	uint64_t enough = turns_of(victim) + actor_random(actor, 4);
	unsigned patience = actor_random(actor, 3) ? 200000 : actor_random(actor, 500);

	while (turns_of(victim) < enough && !storm_over())
		sched_yield();
	while (patience-- && !holds(victim) && !storm_over())
		__atomic_signal_fence(__ATOMIC_SEQ_CST);
}

static void reap(struct actor *actor, pid_t pid)
{
	int status;

	if (waitpid(pid, &status, 0) != pid)
		actor_fault(actor, FAULT_CALL, (uint64_t)errno, 0);
	else if (status && !(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL))
		actor_fault(actor, FAULT_CHILD, (uint64_t)status, 0);
}

/* The kernel lets go of its locks; whoever comes next ends its turn. Our own turns see to it that
 * this was done before the slot is used again. */
static void kill_one(struct actor *actor, uint32_t number)
{
	struct actor victim = actor_at(number);
	pid_t pid = fork();

	if (!pid)
		live(&victim);
	if (pid < 0) {
		actor_fault(actor, FAULT_CALL, (uint64_t)errno, 0);
		return;
	}
	await_the_moment(actor, &victim);
	PUT(victim.slot->doomed, 1);
	kill(pid, SIGKILL);
	reap(actor, pid);
	host_fresh_turn(actor, FILE_COUNTER);
	host_fresh_turn(actor, FILE_OTHER);
	PUT(victim.slot->doomed, 0);
	actor_tally(actor, TALLY_EVENTS);
}

void row_kill(struct actor *actor)
{
	uint32_t number = actor_new(actor->slot->row).number;

	while (!storm_over())
		kill_one(actor, number);
}
