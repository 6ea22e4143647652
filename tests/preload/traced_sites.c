/* SPDX-License-Identifier: MIT
 * An event tells of its own call, and not of the one before it: threads that call from two places
 * through one descriptor, and the numbers that it is duplicated to. */
#include "tests/preload/traced.h"

#include <pthread.h>

#define THREADS 4
#define CALLS 20000

static int shared_fd;

static __attribute__((noinline)) void shares_and_goes(int fd)
{
	for (int i = 0; i < CALLS; i++)
		assert_int_equal(flock(fd, LOCK_SH) | flock(fd, LOCK_UN), 0);
}

static __attribute__((noinline)) void excludes_and_stays(int fd)
{
	for (int i = 0; i < CALLS; i++)
		assert_int_equal(record(fd, F_SETLK, F_WRLCK, 5, 1) | flock(fd, LOCK_SH), 0);
}

static void *call(void *context)
{
	if (context)
		shares_and_goes(shared_fd);
	else
		excludes_and_stays(shared_fd);
	return NULL;
}

static void two_places(const struct place *place)
{
	pthread_t threads[THREADS];
	uintptr_t i;

	shared_fd = must_open(place->file, O_RDWR);
	assert_int_equal(flock(shared_fd, LOCK_SH), 0);
	for (i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, call, (void *)(i & 1)), 0);
	for (i = 0; i < THREADS; i++)
		assert_int_equal(pthread_join(threads[i], NULL), 0);
}

/* What a thread did, by its events: each call and operation is made from one place. */
struct seen {
	uint32_t tid;
	uint64_t offset[TRACE_CALL_COUNT][TRACE_OPERATION_COUNT];
	unsigned count;
};

static struct seen *of_thread(struct seen seen[], uint32_t tid)
{
	while (seen->tid && seen->tid != tid)
		seen++;
	seen->tid = tid;
	return seen;
}

static void look(const struct trace_record *record, void *context)
{
	const struct trace_event *event = &record->event;
	struct seen *by = of_thread(context, event->tid);
	uint64_t *offset = &by->offset[event->call][event->operation];
	bool whole = event->call == TRACE_CALL_FLOCK;

	if (event->call == TRACE_CALL_EXIT)
		return;
	by->count++;
	assert_int_equal(event->asked, whole ? TRACE_FAMILY_FLOCK : TRACE_FAMILY_POSIX);
	assert_int_equal(event->start, whole ? 0 : 5);
	assert_int_equal(event->flags & TRACE_BLOCKING, whole && event->operation == TRACE_SHARED);
	if (!*offset)
		*offset = event->offset;
	assert_int_equal(*offset, event->offset);
}

static void test_preload_traced_sites_are_the_callers(void **state)
{
	struct seen seen[THREADS + 2] = { { 0 } };
	unsigned full = 0, i;

#ifdef __SANITIZE_THREAD__
	skip(); /* since when a lock is held is no lock's: who loses that race tells old facts */
#endif
	run_traced("two_places", *state, "LOCKSHIM_SET=trace=all");
	traced_each(*state, look, seen);
	for (i = 0; seen[i].tid; i++)
		full += seen[i].count == 2 * CALLS;
	assert_int_equal(full, THREADS);
	assert_int_equal(i, THREADS + 1);
}

static void numbers(const struct place *place)
{
	int fd = must_open(place->file, O_RDWR), other;

	assert_int_equal(flock(fd, LOCK_EX | LOCK_NB) | flock(fd, LOCK_UN), 0);
	other = dup2(fd, 77);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(flock(i & 1 ? other : fd, LOCK_EX | LOCK_NB), 0);
		assert_int_equal(flock(i & 1 ? fd : other, LOCK_UN), 0);
	}
	close(fd);
	assert_int_equal(flock(other, LOCK_EX | LOCK_NB), 0);
	assert_int_equal(dup2(other, fd), fd);
	assert_int_equal(flock(fd, LOCK_UN), 0);
}

static void look_at_number(const struct trace_record *record, void *context)
{
	static const bool on_other[] = { false, false, false, true, true,
					 false, false, true,  true, false };
	unsigned *at = context;

	assert_in_range(*at, 0, 9);
	assert_int_equal(record->event.fd == 77, on_other[(*at)++]);
	assert_int_equal(!!(record->event.flags & TRACE_HELD), record->event.id == TRACE_RELEASE);
}

static void test_preload_traced_sites_of_a_duplicate(void **state)
{
	unsigned at = 0;

	run_traced("numbers", *state, "LOCKSHIM_SET=trace=all");
	traced_each(*state, look_at_number, &at);
	assert_int_equal(at, 10);
}

int main(int argc, char **argv)
{
	const struct scenario scenarios[] = { { "two_places", two_places },
					      { "numbers", numbers },
					      { NULL, NULL } };
	const struct CMUnitTest tests[] = {
		place_test(test_preload_traced_sites_are_the_callers),
		place_test(test_preload_traced_sites_of_a_duplicate),
	};

	scenario_main(argc, argv, scenarios);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
