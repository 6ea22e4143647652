/* SPDX-License-Identifier: MIT
 * Programs that take flock and fcntl on one file in ways that once cost them a lock that they held,
 * or left them one that they never took. */
#include "tests/preload/parts.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>

#define HANGS 60

static int place_make_guarded(void **state)
{
	alarm(HANGS);
	return place_make(state);
}

#define fault_test(name) cmocka_unit_test_setup_teardown(name, place_make_guarded, place_remove)

static pid_t outsider_holds_range(const char *path, short type, off_t start, off_t length)
{
	int ends[2];
	char word;
	pid_t pid;

	assert_int_equal(pipe(ends), 0);
	pid = fork();
	if (!pid) {
		alarm(HANGS);
		word = (char)raw_record(path, RAW_SETLK, type, start, length);
		if (write(ends[1], &word, 1) == 1)
			pause();
		_exit(1);
	}
	assert_int_equal(read(ends[0], &word, 1), 1);
	assert_int_equal(word, 0);
	close(ends[0]);
	close(ends[1]);
	return pid;
}

static enum outsider_family own_family(void)
{
	return shimmed() ? BY_OFD : BY_FLOCK;
}

/* The program's own OFD lock is no shared flock that a refusal costs. */
static void test_preload_refused_flock_leaves_the_programs_ofd_lock(void **state)
{
	const struct place *place = *state;
	int fd = must_open(place->file, O_RDWR);
	struct outsider holder;

	assert_int_equal(record(fd, F_OFD_SETLK, F_RDLCK, 0, 10), 0);
	holder = outsider_hold(place->file, own_family(), LOCK_SH);
	assert_int_equal(flock(fd, LOCK_EX | LOCK_NB), -1);
	assert_int_equal(errno, EWOULDBLOCK);
	outsider_stop(&holder);
	assert_int_equal(outsider_range(place->file, F_OFD_SETLK, F_WRLCK, 0, 10), EAGAIN);
	close(fd);
}

static void nothing(int number)
{
	(void)number;
}

struct waiter {
	int fd, error, done;
};

static void *wait_for_exclusive(void *argument)
{
	struct waiter *waiter = argument;

	waiter->error = flock(waiter->fd, LOCK_EX) ? errno : 0;
	__atomic_store_n(&waiter->done, 1, __ATOMIC_SEQ_CST);
	return NULL;
}

/* The fcntl lock goes while a thread waits for the flock: the thread gives back none of it. */
static void test_preload_interrupted_flock_leaves_no_fcntl_lock(void **state)
{
	const struct place *place = *state;
	struct sigaction action = { .sa_handler = nothing };
	struct waiter waiter = { .fd = must_open(place->file, O_RDWR) };
	struct outsider holder;
	pthread_t thread;

	assert_int_equal(sigaction(SIGUSR1, &action, NULL), 0);
	assert_int_equal(record(waiter.fd, F_SETLK, F_RDLCK, 0, 0), 0);
	holder = outsider_hold(place->file, own_family(), LOCK_SH);
	assert_int_equal(pthread_create(&thread, NULL, wait_for_exclusive, &waiter), 0);
	outsider_await_waiter(place->file);
	assert_int_equal(record(waiter.fd, F_SETLK, F_UNLCK, 0, 0), 0);
	while (!__atomic_load_n(&waiter.done, __ATOMIC_SEQ_CST)) {
		pthread_kill(thread, SIGUSR1);
		sched_yield();
	}
	pthread_join(thread, NULL);
	assert_int_equal(waiter.error, EINTR);
	outsider_stop(&holder);
	assert_int_equal(flock(waiter.fd, LOCK_UN), 0);
	assert_int_equal(outsider_try(place->file, BY_POSIX, LOCK_EX), 0);
	close(waiter.fd);
}

static void test_preload_flock_regrows_when_a_close_drops_the_fcntl_lock(void **state)
{
	const struct place *place = *state;
	int fd = must_open(place->file, O_RDWR), other = must_open(place->file, O_RDWR);

	assert_int_equal(flock(fd, LOCK_EX), 0);
	assert_int_equal(record(other, F_SETLK, F_WRLCK, 0, 0), 0);
	close(other);
	assert_held(place->file, LOCK_EX);
	assert_int_equal(outsider_range(place->file, F_OFD_SETLK, F_WRLCK, 0, 100),
			 REFUSED_UNDER_SHIM);
	assert_int_equal(outsider_range(place->file, RAW_SETLK, F_RDLCK, 0, 100),
			 REFUSED_UNDER_SHIM);
	close(fd);
	assert_free(place->file);
}

/* To ask for what is held changes nothing. */
static void test_preload_flock_that_is_held_is_granted_again(void **state)
{
	const struct place *place = *state;
	int fd = must_open(place->file, O_RDWR);
	pid_t reader;

	assert_int_equal(flock(fd, LOCK_EX), 0);
	assert_int_equal(record(fd, F_SETLK, F_RDLCK, 0, 100), 0);
	assert_int_equal(record(fd, F_SETLK, F_RDLCK, 200, 100), 0);
	reader = outsider_holds_range(place->file, F_RDLCK, 0, 10);
	assert_int_equal(record(fd, F_SETLK, F_UNLCK, 0, 100), 0);
	assert_int_equal(flock(fd, LOCK_EX | LOCK_NB), 0);
	assert_int_equal(flock(fd, LOCK_EX), 0);
	kill(reader, SIGKILL);
	assert_int_equal(waitpid(reader, NULL, 0), reader);
	assert_held(place->file, LOCK_EX);
	assert_int_equal(outsider_range(place->file, F_OFD_SETLK, F_RDLCK, 1000, 0),
			 REFUSED_UNDER_SHIM);
	close(fd);
	assert_free(place->file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		fault_test(test_preload_refused_flock_leaves_the_programs_ofd_lock),
		fault_test(test_preload_interrupted_flock_leaves_no_fcntl_lock),
		fault_test(test_preload_flock_regrows_when_a_close_drops_the_fcntl_lock),
		fault_test(test_preload_flock_that_is_held_is_granted_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
