/* SPDX-License-Identifier: MIT
 * Requests that wait: signals, cancellation, and each for the other. */
#include "tests/conformance/rows_record.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static void nothing(int number)
{
	(void)number;
}

/* Signals its parent once that waits; then, with FLAGS, lets the lock go. Not forked with the
 * file open: then two processes would have the description. */
static void signal_the_waiter(const struct probe *probe, int flags)
{
	helper_wait();
	while (!probe_ask(probe, ASK_WAITERS, 0))
		sched_yield();
	kill(getppid(), SIGUSR1);
	if (flags & SA_RESTART)
		probe_ask(probe, ASK_LET_GO, 0);
}

const char *probe_interrupted(const struct probe *probe, int flags)
{
	struct sigaction action = { .sa_handler = nothing, .sa_flags = flags };
	struct helper helper = helper_fork(probe, flags, signal_the_waiter);
	int fd = must_open(probe, O_RDWR);
	const char *word;

	if (sigaction(SIGUSR1, &action, NULL) || probe_ask(probe, ASK_HOLD, LOCK_EX))
		return "not held";
	helper_tell(&helper);
	word = answer_word(lock_call(probe, fd, LOCK_EX));
	helper_ended(&helper);
	probe_ask(probe, ASK_LET_GO, 0);
	if (!strcmp(held_or(probe, "free"), strcmp(word, "granted") ? "held" : "free"))
		return "wrong lock";
	return word;
}

static void *wait_in_thread(void *argument)
{
	const struct probe *probe = argument;

	lock_call(probe, must_open(probe, O_RDWR), LOCK_EX);
	return NULL;
}

const char *probe_cancelled(const struct probe *probe, int unused)
{
	pthread_t thread;
	void *result;

	(void)unused;
#ifndef __GLIBC__
	if (probe->table->family == BY_OFD) /* no cancellation point there */
		return NO_CELL;
#endif
	if (probe_ask(probe, ASK_HOLD, LOCK_EX) ||
	    pthread_create(&thread, NULL, wait_in_thread, (void *)(uintptr_t)probe))
		return "not held";
	while (!probe_ask(probe, ASK_WAITERS, 0))
		sched_yield();
	if (pthread_cancel(thread) || pthread_join(thread, &result))
		return "no thread";
	probe_ask(probe, ASK_LET_GO, 0);
	if (strcmp(held_or(probe, ""), ""))
		return "HELD";
	return result == PTHREAD_CANCELED ? "cancelled" : "goes on";
}

struct side {
	const struct probe *probe;
	int error, done; /* done: atomic */
};
static struct side *sides; /* two, shared */

/* Has its own part, and asks for the other's. What it has goes with it. */
static void hold_and_ask(const struct probe *probe, int number)
{
	int fd = must_open(probe, O_RDWR);
	struct flock record = {
		.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = number ? 0 : 20, .l_len = 10
	};

	must_set(probe, fd, F_WRLCK, number ? 20 : 0, 10);
	helper_say();
	helper_wait();
	sides[number].error = record_call(probe, fd, BY_WAIT, &record) ? errno : 0;
	close(fd);
	__atomic_store_n(&sides[number].done, 1, __ATOMIC_SEQ_CST);
}

static int is_done(int number)
{
	return __atomic_load_n(&sides[number].done, __ATOMIC_SEQ_CST);
}

static const char *word_for_sides(void)
{
	int failed = !!sides[0].error + !!sides[1].error;

	if (failed != 1)
		return failed ? "both fail" : "none waits";
	return sides[0].error + sides[1].error == EDEADLK ? "one EDEADLK" : "one fails";
}

/* Where nobody looks for cycles, two that wait for each other do so for ever. */
const char *probe_each_waits_for_the_other(const struct probe *probe, int unused)
{
	struct helper helpers[2];
	int i;

	(void)unused;
	sides = mmap(NULL, 2 * sizeof *sides, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
		     -1, 0);
	if (sides == MAP_FAILED)
		return "no memory";
	for (i = 0; i < 2; i++) {
		helpers[i] = helper_fork(probe, i, hold_and_ask);
		helper_hear(probe, &helpers[i]);
	}
	helper_tell(&helpers[0]);
	while (!probe_ask(probe, ASK_WAITERS, 0))
		sched_yield();
	helper_tell(&helpers[1]);
	while (!is_done(0) || !is_done(1)) {
		if (!probe->column->finds_cycles && probe_ask(probe, ASK_WAITERS, 0) == 2)
			return "HANGS";
		sched_yield();
	}
	return word_for_sides();
}
