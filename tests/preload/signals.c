/* SPDX-License-Identifier: MIT
 * Signals reach the program as they would: EINTR without SA_RESTART, none with it; and a handler
 * may lock, also over a lock call. */
#include "tests/preload/common.h"

#include <pthread.h>
#include <signal.h>

static volatile sig_atomic_t caught;
static char handler_path[96];
static volatile sig_atomic_t handler_result;

static void count(int number)
{
	(void)number;
	caught++;
}

static void lock_another(int number)
{
	int saved = errno, fd = open(handler_path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	(void)number;
	handler_result = fd < 0 || flock(fd, LOCK_EX | LOCK_NB) || flock(fd, LOCK_UN) ? 2 : 1;
	if (fd >= 0)
		close(fd);
	caught++;
	errno = saved;
}

static void on(int number, void (*handler)(int), int flags)
{
	struct sigaction action = { .sa_handler = handler, .sa_flags = flags };

	caught = 0;
	assert_int_equal(sigaction(number, &action, NULL), 0);
}

/* Signals its parent once that waits for the lock; with GO, then lets the holder go. */
static pid_t signal_the_waiter(const char *path, struct outsider *holder, bool go)
{
	pid_t parent = getpid(), pid = fork();

	if (!pid) {
		outsider_await_waiter(path);
		kill(parent, SIGUSR1);
		if (go)
			kill(holder->pid, SIGKILL);
		_exit(0);
	}
	return pid;
}

static enum outsider_family own(void)
{
	return shimmed() ? BY_OFD : BY_FLOCK;
}

static void test_preload_interrupted_wait_gives_eintr(void **state)
{
	const struct place *place = *state;
	struct outsider holder = outsider_hold(place->file, own(), LOCK_EX);
	int fd = must_open(place->file, O_RDWR);
	pid_t helper;

	on(SIGUSR1, count, 0);
	helper = signal_the_waiter(place->file, &holder, false);
	assert_int_equal(flock(fd, LOCK_EX), -1);
	assert_int_equal(errno, EINTR);
	waitpid(helper, NULL, 0);
	assert_int_equal(caught, 1); /* the thread sanitizer runs handlers at its next call */
	outsider_stop(&holder);
	assert_free(place->file);
	close(fd);
}

static void test_preload_sa_restart_goes_on_waiting(void **state)
{
	const struct place *place = *state;
	struct outsider holder = outsider_hold(place->file, own(), LOCK_EX);
	int fd = must_open(place->file, O_RDWR);
	pid_t helper;

	on(SIGUSR1, count, SA_RESTART);
	helper = signal_the_waiter(place->file, &holder, true);
	assert_int_equal(flock(fd, LOCK_EX), 0);
	waitpid(helper, NULL, 0);
	assert_int_equal(caught, 1); /* the thread sanitizer runs handlers at its next call */
	outsider_stop(&holder);
	assert_held(place->file, LOCK_EX);
	close(fd);
}

static void test_preload_handler_locks_over_a_waiting_call(void **state)
{
	const struct place *place = *state;
	struct outsider holder = outsider_hold(place->file, own(), LOCK_EX);
	int fd = must_open(place->file, O_RDWR);
	pid_t helper;

	snprintf(handler_path, sizeof handler_path, "%s/other", place->directory);
	on(SIGUSR1, lock_another, SA_RESTART);
	helper = signal_the_waiter(place->file, &holder, true);
	assert_int_equal(flock(fd, LOCK_EX), 0);
	waitpid(helper, NULL, 0);
	assert_int_equal(caught, 1);
	assert_int_equal(handler_result, 1);
	outsider_stop(&holder);
	close(fd);
}

/* A handler that locks, as often as another thread can send it, over a thread that locks. */
static int enough;

static void *pepper(void *thread)
{
	while (!__atomic_load_n(&enough, __ATOMIC_RELAXED))
		pthread_kill(*(pthread_t *)thread, SIGUSR2);
	return NULL;
}

static void test_preload_handler_locks_anywhere(void **state)
{
	const struct place *place = *state;
	pthread_t self = pthread_self(), other;
	int i, bad = 0;

	snprintf(handler_path, sizeof handler_path, "%s/other", place->directory);
	on(SIGUSR2, lock_another, SA_RESTART);
	__atomic_store_n(&enough, 0, __ATOMIC_RELAXED);
	assert_int_equal(pthread_create(&other, NULL, pepper, &self), 0);
	for (i = 0; i < 5000 || caught < 100; i++) {
		int fd = open(place->file, O_RDWR | O_CLOEXEC);

		bad += flock(fd, LOCK_EX) != 0;
		bad += outsider_call(fd, own(), LOCK_EX, false) != 0;
		bad += flock(fd, LOCK_UN) != 0;
		close(fd);
	}
	__atomic_store_n(&enough, 1, __ATOMIC_RELAXED);
	assert_int_equal(pthread_join(other, NULL), 0);
	assert_int_equal(bad, 0);
	assert_int_equal(handler_result, 1);
	assert_free(place->file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		place_test(test_preload_interrupted_wait_gives_eintr),
		place_test(test_preload_sa_restart_goes_on_waiting),
		place_test(test_preload_handler_locks_over_a_waiting_call),
		place_test(test_preload_handler_locks_anywhere),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
