/* SPDX-License-Identifier: MIT
 * An uncontended call reads the clock once, one that has to wait another time. This program has a
 * clock of its own, which the library finds before libc's. */
#include "tests/preload/traced.h"

#include <pthread.h>
#include <sys/syscall.h>
#include <time.h>

static unsigned readings;

__attribute__((visibility("default"))) int clock_gettime(clockid_t clock, struct timespec *ret)
{
	__atomic_add_fetch(&readings, 1, __ATOMIC_SEQ_CST);
	return (int)syscall(SYS_clock_gettime, clock, ret);
}

static unsigned readings_of(int result)
{
	assert_int_equal(result, 0);
	return __atomic_exchange_n(&readings, 0, __ATOMIC_SEQ_CST);
}

static void readings_at_rest(const struct place *place)
{
	int fd = must_open(place->file, O_RDWR), round;

	for (round = 0; round < 3; round++) {
		readings_of(flock(fd, LOCK_EX) | record(fd, F_SETLKW, F_WRLCK, 0, 1));
		assert_int_equal(readings_of(flock(fd, LOCK_EX)), 1);
		assert_int_equal(readings_of(flock(fd, LOCK_UN)), 1);
		assert_int_equal(readings_of(record(fd, F_SETLKW, F_WRLCK, 10, 1)), 1);
		assert_int_equal(readings_of(record(fd, F_SETLK, F_UNLCK, 10, 1)), 1);
	}
}

static void *let_go(void *context)
{
	struct outsider *holder = ((void **)context)[0];

	outsider_await_waiter(((void **)context)[1]);
	outsider_stop(holder);
	return NULL;
}

static void readings_of_a_wait(const struct place *place)
{
	int fd = must_open(place->file, O_RDWR);
	struct outsider holder;
	pthread_t thread;
	void *context[] = { &holder, (void *)(uintptr_t)place->file };

	assert_int_equal(flock(fd, LOCK_EX) | flock(fd, LOCK_UN), 0);
	holder = outsider_hold(place->file, BY_FLOCK, LOCK_EX);
	assert_int_equal(pthread_create(&thread, NULL, let_go, context), 0);
	readings_of(0);
	assert_in_range(readings_of(flock(fd, LOCK_EX)), 2, 3);
	assert_int_equal(pthread_join(thread, NULL), 0);
}

static void test_preload_traced_clock_is_read_once(void **state)
{
	run_traced("readings_at_rest", *state, "LOCKSHIM_SET=trace=all");
}

static void test_preload_traced_clock_of_a_wait(void **state)
{
	run_traced("readings_of_a_wait", *state, "LOCKSHIM_SET=trace=all");
}

int main(int argc, char **argv)
{
	const struct scenario scenarios[] = { { "readings_at_rest", readings_at_rest },
					      { "readings_of_a_wait", readings_of_a_wait },
					      { NULL, NULL } };
	const struct CMUnitTest tests[] = {
		place_test(test_preload_traced_clock_is_read_once),
		place_test(test_preload_traced_clock_of_a_wait),
	};

	scenario_main(argc, argv, scenarios);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
