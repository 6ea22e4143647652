/* SPDX-License-Identifier: MIT
 * A handler forks behind each instruction of a traced call in turn, and the child goes on with the
 * call that was interrupted: it lives, and so do its parent's events and its own. */
#include "tests/preload/traced.h"

#include <dlfcn.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <ucontext.h>

#define CALLS 3    /* of a child, and of the parent behind each */
#define TRAP 0x100 /* the flag that brings SIGTRAP behind each instruction */

static volatile int steps_left; /* negative: none is wanted */
static volatile int children, is_child;
static int shared_fd;

static void lock_and_let_go(void)
{
	(void)(flock(shared_fd, LOCK_SH) | flock(shared_fd, LOCK_UN));
}

/* By libc, and past it. Every third child has recorded something before it goes on. */
static void fork_here(void)
{
	pid_t pid = ++children & 1 ? fork() : (pid_t)syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);

	if (pid)
		return;
	is_child = 1;
	if (children % 3 == 0)
		lock_and_let_go();
}

#ifdef __x86_64__
#define LIBRARY (1 << 20) /* bytes, at most */

static uintptr_t library; /* where it begins: the instructions behind which is forked are its own */

static void step(int number, siginfo_t *unused, void *context)
{
	greg_t *registers = ((ucontext_t *)context)->uc_mcontext.gregs;
	bool ours = (uintptr_t)registers[REG_RIP] - library < LIBRARY;

	(void)number;
	(void)unused;
	registers[REG_EFL] &= ~(greg_t)TRAP;
	if (steps_left < 0)
		return;
	if (!ours || steps_left-- > 0)
		registers[REG_EFL] |= TRAP;
	else
		fork_here();
}

static void go_on_as_child(void)
{
	for (int i = 0; i < CALLS; i++)
		lock_and_let_go();
	_exit(0);
}

/* False where the call was over before so many. */
static bool fork_behind(int steps)
{
	bool came;

	steps_left = steps;
	raise(SIGTRAP);
	(void)flock(shared_fd, LOCK_SH);
	came = steps_left < 0;
	steps_left = -1;
	if (is_child)
		go_on_as_child();
	for (int i = 0; i < CALLS; i++)
		lock_and_let_go();
	return came;
}

static void fork_in_the_midst(const struct place *place)
{
	struct sigaction action = { .sa_sigaction = step, .sa_flags = SA_SIGINFO };
	int steps = 0, status, i;
	Dl_info where;

	assert_true(dladdr((void *)flock, &where) != 0);
	library = (uintptr_t)where.dli_fbase;
	shared_fd = must_open(place->file, O_RDWR);
	sigaction(SIGTRAP, &action, NULL);
	for (i = 0; i < CALLS; i++)
		lock_and_let_go();
	while (fork_behind(steps))
		steps += 2; /* each window is wider */
	for (i = 0; i < children; i++) {
		assert_true(wait(&status) > 0);
		assert_int_equal(status, 0);
	}
	assert_true(children > 100);
}
#else
static void fork_in_the_midst(const struct place *place)
{
	(void)place;
	(void)fork_here;
	(void)steps_left;
}
#endif

struct seen {
	uint64_t last;
	unsigned events;
};

static void look(const struct trace_record *record, void *context)
{
	struct seen *seen = context;

	assert_true(record->event.time >= seen->last && record->event.time);
	assert_int_equal(record->event.call, TRACE_CALL_FLOCK);
	assert_in_range(record->event.fd, 0, 1000);
	seen->last = record->event.time;
	seen->events++;
}

static void test_preload_traced_midfork_leaves_all_whole(void **state)
{
	struct seen seen = { 0, 0 };

#ifndef __x86_64__
	skip();
#endif
	run_traced("fork_in_the_midst", *state, "LOCKSHIM_SET=trace=all");
	traced_each(*state, look, &seen);
	assert_true(seen.events > 100 * 4 * CALLS);
}

int main(int argc, char **argv)
{
	const struct scenario scenarios[] = { { "fork_in_the_midst", fork_in_the_midst },
					      { NULL, NULL } };
	const struct CMUnitTest tests[] = {
		place_test(test_preload_traced_midfork_leaves_all_whole),
	};

	scenario_main(argc, argv, scenarios);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
