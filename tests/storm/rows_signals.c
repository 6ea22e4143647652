/* SPDX-License-Identifier: MIT
 * Rows with handlers that lock: over lock calls, over waits, over turns. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/time.h>
#include <unistd.h>

#include "tests/storm/host.h"
#include "tests/storm/rows.h"

static __thread struct actor *handler; /* the handler's own actor in this thread */

/* Once a time, so that a handler that waits long leaves room for what it interrupts. */
static void next_alarm(struct actor *actor)
{
	struct itimerval timer = { .it_value.tv_usec = 200 + (int)actor_random(actor, 3000) };

	if (!storm_over())
		setitimer(ITIMER_REAL, &timer, NULL);
}

/* The interrupted call may hold this file: never wait for it here. */
static void try_the_same(struct actor *actor)
{
	int fd = host_open(actor, FILE_COUNTER, O_RDWR);

	if (fd >= 0 && host_take(actor, fd, LOCK_EX | LOCK_NB)) {
		turn_whole(actor, FILE_COUNTER);
		host_let_go(actor, fd);
	}
	close(fd);
}

static void on_alarm(int number)
{
	int saved = errno;

	(void)number;
	actor_tally(handler, TALLY_EVENTS);
	host_fresh_turn(handler, FILE_OTHER);
	if (!storm.ledger->by_process)
		try_the_same(handler);
	next_alarm(handler);
	errno = saved;
}

static void let_alarms_in(bool in)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGALRM);
	pthread_sigmask(in ? SIG_UNBLOCK : SIG_BLOCK, &set, NULL);
}

/* The file that the handler waits for is never held here. */
static void turns_under_alarms(struct actor *actor)
{
	struct actor own = actor_new(actor->slot->row);
	int fd = host_open(actor, FILE_COUNTER, O_RDWR);

	handler = &own;
	let_alarms_in(true);
	while (!storm_over()) {
		if (actor_random(actor, 4)) {
			host_turn(actor, fd, FILE_COUNTER);
		} else if (host_take(actor, fd, LOCK_SH)) {
			turn_look(actor, FILE_COUNTER);
			host_let_go(actor, fd);
		}
		actor_rest(actor);
	}
	let_alarms_in(false);
	close(fd);
}

static void signals(struct actor *actor, int flags, int threads)
{
	struct sigaction action = { .sa_handler = on_alarm, .sa_flags = flags };
	struct host_threads *others;

	actor->interrupted = !(flags & SA_RESTART);
	let_alarms_in(false);
	sigaction(SIGALRM, &action, NULL);
	others = host_start_threads(actor, threads, turns_under_alarms);
	next_alarm(actor);
	turns_under_alarms(actor);
	host_join_threads(actor, others);
}

void row_signals(struct actor *actor)
{
	signals(actor, 0, 0);
}

void row_signals_restart(struct actor *actor)
{
	signals(actor, SA_RESTART, 0);
}

void row_signals_threads(struct actor *actor)
{
	signals(actor, 0, 2);
}
