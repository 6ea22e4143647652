/* SPDX-License-Identifier: MIT
 * The counted clock tells what the clock does. */
#include "tests/trace/traced.h"
#include "trace/writer_clock.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/time.h>
#include <ucontext.h>

#define SECOND UINT64_C(1000000000)
#define OFF 20000 /* nanoseconds: far below the millisecond that a wrong anchor is off by */
#define LASTS (SECOND + SECOND / 4) /* beyond the second scale */
#define THREADS 3

static unsigned long wrong, asked;

/* Between two readings of the clock; of one that was set meanwhile nothing is known. */
static void compare(void)
{
	uint64_t before = trace_now(), counted = writer_clock_now(), behind = trace_now();

	__atomic_fetch_add(&asked, 1, __ATOMIC_RELAXED);
	if (counted + OFF < before || counted > behind + OFF)
		__atomic_fetch_add(&wrong, 1, __ATOMIC_RELAXED);
}

static void *compare_for_long(void *unused)
{
	uint64_t until = trace_now() + LASTS;

	while (trace_now() < until)
		compare();
	return unused;
}

static void by_signal(int number)
{
	(void)number;
	compare();
}

static void skip_where_nothing_is_counted(void)
{
#ifdef __x86_64__
	FILE *source =
		fopen("/sys/devices/system/clocksource/clocksource0/current_clocksource", "re");
	char name[16] = "";

	if (source) {
		if (!fgets(name, sizeof name, source))
			*name = '\0';
		fclose(source);
	}
	if (!strcmp(name, "tsc\n"))
		return;
#endif
	puts("the kernel's clock goes by another counter");
	skip();
}

static void test_trace_writer_clock_counts(void **state)
{
	(void)state;
	skip_where_nothing_is_counted();
	writer_clock_start();
	compare_for_long(NULL);
#ifdef __x86_64__
	assert_true(writer_clock.scale && writer_clock.limit);
#endif
	assert_int_equal(wrong, 0);
}

/* Each thread counts by itself. */
static void test_trace_writer_clock_is_of_a_thread(void **state)
{
	const struct itimerval often = { { 0, 100 }, { 0, 100 } }, never = { { 0, 0 }, { 0, 0 } };
	pthread_t threads[THREADS];

	(void)state;
	skip_where_nothing_is_counted();
	writer_clock_start();
	wrong = asked = 0;
	signal(SIGALRM, by_signal);
	setitimer(ITIMER_REAL, &often, NULL);
	for (unsigned i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, compare_for_long, NULL), 0);
	for (unsigned i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	setitimer(ITIMER_REAL, &never, NULL);
	signal(SIGALRM, SIG_DFL);
	assert_int_equal(wrong, 0);
	assert_true(asked > 1000);
}

#if defined(__x86_64__) && !defined(__SANITIZE_THREAD__)
#define TRAP_FLAG 0x100

static volatile int steps_left; /* negative: as many as come */

/* One instruction further, or at the last: so late that a mixture of before and after shows, a
 * reading of the handler's own. */
static void step(int number, siginfo_t *unused, void *context)
{
	greg_t *flags = &((ucontext_t *)context)->uc_mcontext.gregs[REG_EFL];
	uint64_t until;

	(void)number;
	(void)unused;
	*flags &= ~(greg_t)TRAP_FLAG;
	if (steps_left < 0)
		return;
	if (steps_left-- > 0) {
		*flags |= TRAP_FLAG;
		return;
	}
	for (until = trace_now() + 5 * OFF; trace_now() < until;)
		;
	if (!writer_clock.renewing)
		writer_clock.limit = 0;
	compare();
}

/* False where the call was over before so many. */
static bool interrupt(int steps, bool renews)
{
	uint64_t before = trace_now(), counted, behind;
	bool came;

	steps_left = steps;
	if (renews)
		writer_clock.limit = 0;
	raise(SIGTRAP);
	counted = writer_clock_now();
	came = steps_left < 0;
	steps_left = -1;
	behind = trace_now();
	if (counted + OFF < before || counted > behind + OFF)
		wrong++;
	compare();
	return came;
}
#endif

/* A handler may come behind any instruction. */
static void test_trace_writer_clock_is_interrupted(void **state)
{
	(void)state;
	skip_where_nothing_is_counted();
#ifdef __SANITIZE_THREAD__
	puts("the thread sanitizer puts signals off");
	skip();
#elif defined(__x86_64__)
	int steps;
	struct sigaction stepped = { .sa_sigaction = step, .sa_flags = SA_SIGINFO };

	writer_clock_start();
	sigaction(SIGTRAP, &stepped, NULL);
	wrong = 0;
	for (steps = 0; interrupt(steps, false); steps++)
		;
	assert_true(steps > 20);
	for (steps = 0; interrupt(steps, true); steps++)
		;
	assert_true(steps > 40);
	signal(SIGTRAP, SIG_DFL);
	assert_int_equal(wrong, 0);
#endif
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_trace_writer_clock_counts),
		cmocka_unit_test(test_trace_writer_clock_is_of_a_thread),
		cmocka_unit_test(test_trace_writer_clock_is_interrupted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
