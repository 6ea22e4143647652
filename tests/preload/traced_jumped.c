/* SPDX-License-Identifier: MIT
 * A handler that jumps out of a waiting call, as a time limit is made: what the thread calls later
 * takes no more of the trace than before. */
#include "tests/preload/traced.h"

#include <glob.h>
#include <setjmp.h>
#include <signal.h>
#include <sys/time.h>

#define PAIRS 10000
#define ROOM 40 /* bytes of a common record, at most */

static sigjmp_buf out;

static void jump(int number)
{
	(void)number;
	siglongjmp(out, 1);
}

static void wait_and_jump(const struct place *place)
{
	const struct itimerval often = { { 0, 10000 }, { 0, 10000 } },
			       never = { { 0, 0 }, { 0, 0 } };
	int holder = must_open(place->file, O_RDWR), waiter = must_open(place->file, O_RDWR);

	assert_int_equal(flock(holder, LOCK_EX), 0);
	signal(SIGALRM, jump);
	if (!sigsetjmp(out, 1)) {
		setitimer(ITIMER_REAL, &often, NULL);
		(void)flock(waiter, LOCK_EX);
	}
	setitimer(ITIMER_REAL, &never, NULL);
	for (int i = 0; i < PAIRS; i++)
		assert_int_equal(flock(holder, LOCK_UN) | flock(holder, LOCK_EX), 0);
}

static off_t size_of(const struct place *place)
{
	char pattern[128];
	struct stat is;
	glob_t found;
	off_t size = 0;

	snprintf(pattern, sizeof pattern, "%s/trace/*.events", place->directory);
	assert_int_equal(glob(pattern, 0, NULL, &found), 0);
	for (size_t i = 0; i < found.gl_pathc; i++) {
		assert_int_equal(stat(found.gl_pathv[i], &is), 0);
		size += is.st_size;
	}
	globfree(&found);
	return size;
}

static void count(const struct trace_record *record, void *context)
{
	*(unsigned *)context += record->event.call == TRACE_CALL_FLOCK;
}

static void test_preload_traced_jumped_stays_brief(void **state)
{
	unsigned events = 0;

	run_traced("wait_and_jump", *state, "LOCKSHIM_SET=trace=all");
	traced_each(*state, count, &events);
	assert_true(events > 2 * PAIRS);
	assert_in_range(size_of(*state), 1, 2 * PAIRS * ROOM);
}

int main(int argc, char **argv)
{
	const struct scenario scenarios[] = { { "wait_and_jump", wait_and_jump }, { NULL, NULL } };
	const struct CMUnitTest tests[] = { place_test(test_preload_traced_jumped_stays_brief) };

	scenario_main(argc, argv, scenarios);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
