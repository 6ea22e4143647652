/* SPDX-License-Identifier: MIT
 * Threads that lock, open and close at once; a thread on the smallest stack there is. */
#include "tests/preload/common.h"

#include <limits.h>
#include <pthread.h>
#include <sched.h>
#include <sys/mman.h>

#define THREADS 4
#define ROUNDS 3000

struct counting {
	const char *file, *fifo;
	long *counter;
	int bad;
};

/* The counter is unprotected but for the lock; every other round the same number is a pipe's. */
static void *count_under_lock(void *argument)
{
	struct counting *counting = argument;
	int i;

	for (i = 0; i < ROUNDS; i++) {
		int fd = open(counting->file, O_RDWR | O_CLOEXEC), pipe_fd;
		long seen;

		counting->bad += fd < 0 || flock(fd, LOCK_EX) != 0;
		seen = __atomic_load_n(counting->counter, __ATOMIC_RELAXED);
		if (i % 16 == 0)
			sched_yield();
		__atomic_store_n(counting->counter, seen + 1, __ATOMIC_RELAXED);
		counting->bad += flock(fd, LOCK_UN) != 0;
		close(fd);
		pipe_fd = open(counting->fifo, O_RDWR | O_CLOEXEC);
		counting->bad += flock(pipe_fd, LOCK_SH) != 0;
		close(pipe_fd);
	}
	return NULL;
}

static void test_preload_threads_lose_no_update(void **state)
{
	const struct place *place = *state;
	struct counting counting[THREADS];
	pthread_t threads[THREADS];
	char fifo[128];
	long counter = 0;
	int i;

	snprintf(fifo, sizeof fifo, "%s/fifo", place->directory);
	assert_int_equal(mkfifo(fifo, 0600), 0);
	for (i = 0; i < THREADS; i++) {
		counting[i] = (struct counting){ place->file, fifo, &counter, 0 };
		assert_int_equal(pthread_create(&threads[i], NULL, count_under_lock, &counting[i]),
				 0);
	}
	for (i = 0; i < THREADS; i++) {
		pthread_join(threads[i], NULL);
		assert_int_equal(counting[i].bad, 0);
	}
	assert_int_equal(counter, (long)THREADS * ROUNDS);
}

static void *lock_once(void *path)
{
	int fd = open(path, O_RDWR | O_CLOEXEC);
	intptr_t bad = flock(fd, LOCK_EX) || flock(fd, LOCK_UN);

	close(fd);
	return (void *)bad;
}

static void test_preload_smallest_stack(void **state)
{
	const struct place *place = *state;
	long least = sysconf(_SC_THREAD_STACK_MIN);
	size_t size = least > 16384 ? (size_t)least : 16384;
	pthread_attr_t attributes;
	pthread_t thread;
	void *bad;

	pthread_attr_init(&attributes);
	assert_int_equal(pthread_attr_setstacksize(&attributes, size), 0);
	assert_int_equal(
		pthread_create(&thread, &attributes, lock_once, (void *)(uintptr_t)place->file), 0);
	pthread_join(thread, &bad);
	assert_null(bad);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		place_test(test_preload_threads_lose_no_update),
		place_test(test_preload_smallest_stack),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
