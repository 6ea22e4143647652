/* SPDX-License-Identifier: MIT
 * An uncontended call reads the clock at most once, one that has to wait another time. This program
 * has a clock of its own, which the library finds before libc's. */
#include "tests/preload/traced.h"

#include <pthread.h>
#include <sys/syscall.h>
#include <time.h>

#define ROUNDS 30000

static unsigned readings;
static time_t ahead;

__attribute__((visibility("default"))) int clock_gettime(clockid_t clock, struct timespec *ret)
{
	__atomic_add_fetch(&readings, 1, __ATOMIC_SEQ_CST);
	if (syscall(SYS_clock_gettime, clock, ret))
		return -1;
	ret->tv_sec += ahead;
	return 0;
}

static unsigned readings_of(int result)
{
	assert_int_equal(result, 0);
	return __atomic_exchange_n(&readings, 0, __ATOMIC_SEQ_CST);
}

static void readings_at_rest(const struct place *place)
{
	int fd = must_open(place->file, O_RDWR), round;

	/* Some hundred milliseconds, so that most are counted, and the clock is rated again. */
	for (round = 0; round < ROUNDS; round++) {
		readings_of(flock(fd, LOCK_SH) | record(fd, F_SETLKW, F_RDLCK, 0, 1));
		assert_in_range(readings_of(flock(fd, LOCK_EX)), 0, 1);
		assert_in_range(readings_of(flock(fd, LOCK_EX)), 0, 1);
		assert_in_range(readings_of(flock(fd, LOCK_UN)), 0, 1);
		assert_in_range(readings_of(record(fd, F_SETLKW, F_WRLCK, 0, 1)), 0, 1);
		assert_in_range(readings_of(record(fd, F_SETLKW, F_WRLCK, 10, 1)), 0, 1);
		assert_in_range(readings_of(record(fd, F_SETLK, F_UNLCK, 0, 20)), 0, 1);
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

/* A clock that is set is followed within a millisecond. */
static void set_ahead(unsigned seconds)
{
	struct timespec from, now;

	ahead += seconds;
	clock_gettime(CLOCK_MONOTONIC, &from);
	do
		clock_gettime(CLOCK_MONOTONIC, &now);
	while ((now.tv_sec - from.tv_sec) * 1000000000 + now.tv_nsec - from.tv_nsec < 2000000);
}

/* The second request looks at the file anew, so that what follows is the common call. */
static void held_for_long(const struct place *place)
{
	int fd = must_open(place->file, O_RDWR), round;

	for (round = 0; round < 2; round++) {
		assert_int_equal(flock(fd, LOCK_EX) | record(fd, F_SETLK, F_WRLCK, 3, 1), 0);
		set_ahead(5);
		assert_int_equal(flock(fd, LOCK_EX) | record(fd, F_SETLK, F_WRLCK, 3, 1), 0);
		assert_int_equal(flock(fd, LOCK_UN) | record(fd, F_SETLK, F_UNLCK, 3, 1), 0);
	}
}

static void test_preload_traced_clock_is_read_once(void **state)
{
	run_traced("readings_at_rest", *state, "LOCKSHIM_SET=trace=all");
}

static void test_preload_traced_clock_of_a_wait(void **state)
{
	run_traced("readings_of_a_wait", *state, "LOCKSHIM_SET=trace=all");
}

static void look(const struct trace_record *record, void *context)
{
	const struct trace_event *event = &record->event;
	bool whole = event->call == TRACE_CALL_FLOCK;

	if (event->id != TRACE_RELEASE)
		return;
	++*(unsigned *)context;
	assert_true(event->flags & TRACE_HELD);
	assert_in_range(event->held, UINT64_C(5000000000), UINT64_C(600000000000));
	assert_non_null(record->file);
	assert_non_null(record->module);
	assert_int_equal(event->used, whole ? TRACE_FAMILY_FLOCK : TRACE_FAMILY_POSIX);
	assert_int_equal(event->start, whole ? 0 : 3);
	assert_int_equal(event->length, whole ? 0 : 1);
	assert_int_equal(event->blocker, 0);
}

/* Longer than a brief record can say. */
static void test_preload_traced_clock_of_a_long_hold(void **state)
{
	unsigned releases = 0;

	run_traced("held_for_long", *state, "LOCKSHIM_SET=trace=all");
	traced_each(*state, look, &releases);
	assert_int_equal(releases, 4);
}

int main(int argc, char **argv)
{
	const struct scenario scenarios[] = { { "readings_at_rest", readings_at_rest },
					      { "readings_of_a_wait", readings_of_a_wait },
					      { "held_for_long", held_for_long },
					      { NULL, NULL } };
	const struct CMUnitTest tests[] = {
		place_test(test_preload_traced_clock_is_read_once),
		place_test(test_preload_traced_clock_of_a_wait),
		place_test(test_preload_traced_clock_of_a_long_hold),
	};

	scenario_main(argc, argv, scenarios);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
