/* SPDX-License-Identifier: MIT
 * ofd = posix: processes that share a description exclude each other, by the calls that they make.
 * flock = ofd beside it: what became a POSIX lock does not meet what became an OFD lock. */
#include "tests/preload/parts.h"

#include <sched.h>
#include <sys/mman.h>

static int lock(int fd, int command)
{
	return record(fd, command, F_WRLCK, 0, 0);
}

static int answer_in_child(int fd, int command, short type)
{
	int status;
	pid_t pid = fork();

	if (!pid)
		_exit(record(fd, command, type, 0, 0) ? errno : 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void test_preload_child_is_kept_out_by_its_parents_lock(void **state)
{
	const struct place *place = *state;
	int fd = must_open(place->file, O_RDWR);

	assert_int_equal(lock(fd, F_OFD_SETLK), 0);
	assert_int_equal(answer_in_child(fd, F_OFD_SETLK, F_WRLCK), REFUSED_UNDER_SHIM);
	assert_int_equal(outsider_try(place->file, BY_OFD, LOCK_SH), EAGAIN);
	assert_int_equal(answer_in_child(fd, F_OFD_SETLK, F_UNLCK), 0);
	assert_int_equal(outsider_try(place->file, BY_OFD, LOCK_SH), REFUSED_UNDER_SHIM);
	assert_int_equal(record(fd, F_OFD_SETLK, F_UNLCK, 0, 0), 0);
	assert_free(place->file);
	close(fd);
}

#define WORKERS 4
#define ROUNDS 500

static _Noreturn void work(int fd, volatile long *counter)
{
	long seen;
	int i;

	for (i = 0; i < ROUNDS; i++) {
		if (lock(fd, F_OFD_SETLKW))
			_exit(1);
		seen = *counter;
		sched_yield();
		*counter = seen + 1;
		if (record(fd, F_OFD_SETLK, F_UNLCK, 0, 0))
			_exit(1);
	}
	_exit(0);
}

/* Bare, nobody is excluded: how much is lost is not to be told. */
static void test_preload_workers_on_one_description_lose_no_update(void **state)
{
	const struct place *place = *state;
	volatile long *counter =
		mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int fd = must_open(place->file, O_RDWR), i, status;
	pid_t pids[WORKERS];

	assert_ptr_not_equal(counter, MAP_FAILED);
	for (i = 0; i < WORKERS; i++) {
		pids[i] = fork();
		if (!pids[i])
			work(fd, counter);
	}
	for (i = 0; i < WORKERS; i++) {
		assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
		assert_int_equal(status, 0);
	}
	if (shimmed())
		assert_int_equal(*counter, WORKERS * ROUNDS);
	close(fd);
}

/* The request is the program's memory: nothing of it is changed, nor may anything be in it that
 * the kernel refuses in an OFD call. */
static void test_preload_requests_keep_what_ofd_calls_want(void **state)
{
	const struct place *place = *state;
	int fd = must_open(place->file, O_RDWR);
	struct flock asked = { .l_type = F_WRLCK, .l_whence = SEEK_CUR, .l_start = 5, .l_len = -3 };
	struct flock before;

	memcpy(&before, &asked, sizeof before);
	assert_int_equal(fcntl(fd, F_OFD_SETLK, &asked), 0);
	assert_memory_equal(&asked, &before, sizeof asked);
	assert_int_equal(outsider_range(place->file, F_OFD_SETLK, F_RDLCK, 2, 1), EAGAIN);
	assert_int_equal(outsider_range(place->file, F_OFD_SETLK, F_RDLCK, 5, 1), 0);
	asked.l_pid = 4711;
	assert_int_equal(fcntl(fd, F_OFD_SETLK, &asked), -1);
	assert_int_equal(errno, EINVAL);
	assert_int_equal(fcntl(fd, F_OFD_GETLK, &asked), -1);
	assert_int_equal(errno, EINVAL);
	close(fd);
}

enum { FIRST_FLOCK = 1, FIRST_LET_GO_FLOCK = 2, TWO = 4, ORDERS = 8 };

static int by_turns(bool by_flock, int fd, bool take)
{
	if (by_flock)
		return flock(fd, take ? LOCK_EX | LOCK_NB : LOCK_UN);
	return record(fd, F_OFD_SETLK, take ? F_WRLCK : F_UNLCK, 0, 0);
}

/* Natively the two don't meet; converted, outsiders are kept out until both are let go. */
static void test_preload_flock_and_ofd_calls_are_both_granted(void **state)
{
	const struct place *place = *state;
	int order;

	for (order = 0; order < ORDERS; order++) {
		int one = must_open(place->file, O_RDWR);
		int two = order & TWO ? must_open(place->file, O_RDWR) : one;
		bool first = order & FIRST_FLOCK, let_go = order & FIRST_LET_GO_FLOCK;

		assert_int_equal(by_turns(first, first ? one : two, true), 0);
		assert_int_equal(by_turns(!first, first ? two : one, true), 0);
		assert_int_equal(outsider_try(place->file, BY_OFD, LOCK_SH), EAGAIN);
		assert_int_equal(by_turns(let_go, let_go ? one : two, false), 0);
		/* Bare, a flock that is left is none of theirs. */
		assert_int_equal(outsider_try(place->file, BY_OFD, LOCK_SH),
				 let_go ? EAGAIN : REFUSED_UNDER_SHIM);
		assert_int_equal(by_turns(!let_go, let_go ? two : one, false), 0);
		assert_free(place->file);
		close(one);
		if (two != one)
			close(two);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		place_test(test_preload_child_is_kept_out_by_its_parents_lock),
		place_test(test_preload_workers_on_one_description_lose_no_update),
		place_test(test_preload_requests_keep_what_ofd_calls_want),
		place_test(test_preload_flock_and_ofd_calls_are_both_granted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
