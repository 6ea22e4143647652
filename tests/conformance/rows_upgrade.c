/* SPDX-License-Identifier: MIT
 * From LOCK_SH to LOCK_EX and back. Who waits is seen in /proc/locks. */
#include "tests/conformance/rows.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define ROUNDS 100

struct upgrader {
	const struct probe *probe;
	int fd, error;
	/* Atomic: holds LOCK_SH; may ask for LOCK_EX; got it; may let go of it; is through. */
	int shares, ask, entered, leave, done;
};

static int is_set(const int *flag)
{
	return __atomic_load_n(flag, __ATOMIC_SEQ_CST);
}

static void set(int *flag)
{
	__atomic_store_n(flag, 1, __ATOMIC_SEQ_CST);
}

static void await(const int *flag)
{
	while (!is_set(flag))
		sched_yield();
}

static void *upgrade(void *argument)
{
	struct upgrader *me = argument;

	me->fd = must_open(me->probe, O_RDWR);
	must_lock(me->probe, me->fd, LOCK_SH);
	set(&me->shares);
	await(&me->ask);
	if (lock_call(me->probe, me->fd, LOCK_EX)) {
		me->error = errno;
	} else {
		set(&me->entered);
		await(&me->leave);
	}
	lock_call(me->probe, me->fd, LOCK_UN);
	set(&me->done);
	return NULL;
}

static void start(const struct probe *probe, struct upgrader *upgrader, int in_thread)
{
	pthread_t thread;
	pid_t pid = 0;

	upgrader->probe = probe;
	if (in_thread && pthread_create(&thread, NULL, upgrade, upgrader))
		probe_end(probe, "no thread");
	if (!in_thread && !(pid = fork())) {
		upgrade(upgrader);
		_exit(0);
	}
	if (pid < 0)
		probe_end(probe, "no process");
	await(&upgrader->shares);
}

static int is_settled(const struct probe *probe, const struct upgrader *upgrader)
{
	return is_set(&upgrader->entered) || is_set(&upgrader->done) ||
	       probe_ask(probe, ASK_WAITERS, 0);
}

static const char *word_for(const struct upgrader *two, int at_once)
{
	int failed = !!two[0].error + !!two[1].error;

	if (at_once)
		return "both at once";
	if (failed == 2)
		return "both fail";
	if (!failed)
		return "both in turn";
	return two[0].error == EDEADLK || two[1].error == EDEADLK ? "one EDEADLK" : "one fails";
}

/* The first asks, and is refused or waits; then the second. Who is in leaves when the other has
 * come in too, waits or is through. */
const char *probe_two_upgrade(const struct probe *probe, int in_threads)
{
	struct upgrader *two = mmap(NULL, 2 * sizeof *two, PROT_READ | PROT_WRITE,
				    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int i, at_once = 0;

	if (two == MAP_FAILED)
		return "no memory";
	for (i = 0; i < 2; i++)
		start(probe, &two[i], in_threads);
	for (i = 0; i < 2; i++) {
		set(&two[i].ask);
		while (!is_settled(probe, &two[i]))
			sched_yield();
	}
	while (!is_set(&two[0].done) || !is_set(&two[1].done))
		for (i = 0; i < 2; i++) {
			if (!is_set(&two[i].entered) || !is_settled(probe, &two[!i]))
				continue;
			at_once |= !is_set(&two[i].leave) && is_set(&two[!i].entered) &&
				   !is_set(&two[!i].leave);
			set(&two[i].leave);
		}
	return word_for(two, at_once);
}

const char *probe_failed_upgrade(const struct probe *probe, int mode)
{
	int fd = must_open(probe, mode);
	const char *held;

	must_lock(probe, fd, LOCK_SH);
	if (probe_ask(probe, ASK_HOLD, LOCK_SH))
		return "SH not shared";
	if (!lock_call(probe, fd, LOCK_EX | LOCK_NB))
		return "granted";
	if (errno != EWOULDBLOCK)
		return answer_word(-1);
	probe_ask(probe, ASK_LET_GO, 0);
	held = held_or(probe, "SH lost");
	return strcmp(held, "held") ? held : "SH kept";
}

/* Nobody else holds anything: the program must not stand in its own way. */
const char *probe_lone_upgrade(const struct probe *probe, int mode)
{
	int fd = must_open(probe, mode);

	must_lock(probe, fd, LOCK_SH);
	return granted(probe, fd, LOCK_EX);
}

const char *probe_lone_downgrade(const struct probe *probe, int mode)
{
	int fd = must_open(probe, mode);

	must_lock(probe, fd, LOCK_EX);
	return granted(probe, fd, LOCK_SH);
}

/* Each round the thirds ask before and after, and at any moment between. */
const char *probe_downgrade_polled(const struct probe *probe, int mode)
{
	static const char *const words[] = { NULL, "flock lets in", "records let in",
					     "third gets in" };
	int fd = must_open(probe, mode), round, let_in;

	for (round = 0; round < ROUNDS; round++) {
		if (lock_call(probe, fd, LOCK_EX | LOCK_NB))
			return "EX after UN refused";
		if (strcmp(held_or(probe, ""), "held"))
			return "EX half held";
		probe_ask(probe, ASK_POLLERS, 1);
		probe_ask(probe, ASK_POLLED, 0);
		if (lock_call(probe, fd, LOCK_SH | LOCK_NB))
			return "SH refused";
		if (probe_ask(probe, ASK_POLLED, 0))
			return "HANGS";
		let_in = probe_ask(probe, ASK_POLLERS, 0);
		if (let_in)
			return words[let_in];
		lock_call(probe, fd, LOCK_UN);
	}
	return "nobody gets in";
}

/* Who waits for LOCK_EX keeps it once it is granted: then there would be no LOCK_SH to be had. */
const char *probe_downgrade_awaited(const struct probe *probe, int mode)
{
	int fd = must_open(probe, mode);
	const char *held;

	must_lock(probe, fd, LOCK_EX);
	if (probe_ask(probe, ASK_BLOCKERS, 0))
		return "nobody waits";
	if (lock_call(probe, fd, LOCK_SH | LOCK_NB))
		return "SH refused";
	if (probe_ask(probe, ASK_HOLD, LOCK_SH))
		return "granted as EX";
	probe_ask(probe, ASK_LET_GO, 0);
	held = held_or(probe, "LOST");
	return strcmp(held, "held") ? held : "nobody gets in";
}
