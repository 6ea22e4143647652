/* SPDX-License-Identifier: MIT
 * fcntl = ofd: what a close that is not meant would drop stays, and who was kept out still is. */
#include "tests/preload/parts.h"

#include <pthread.h>
#include <sched.h>
#include <sys/mman.h>

static void *shared_words(void)
{
	void *at = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	assert_ptr_not_equal(at, MAP_FAILED);
	return at;
}

static int lock(int fd, int command)
{
	return record(fd, command, F_WRLCK, 0, 0);
}

static int unlock(int fd)
{
	return record(fd, F_SETLK, F_UNLCK, 0, 0);
}

/* As getpwnam or a resolver reads its file, in whatever library. */
static void look_up(const char *path)
{
	char line[16];
	FILE *file = fopen(path, "re");

	assert_non_null(file);
	(void)!fgets(line, sizeof line, file);
	fclose(file);
	close(must_open(path, O_RDONLY));
	syscall(SYS_close, must_open(path, O_RDONLY));
}

static void test_preload_library_that_closes_the_file_leaves_the_lock(void **state)
{
	const struct place *place = *state;
	int fd = must_open(place->file, O_RDWR);

	assert_int_equal(record(fd, F_SETLK, F_WRLCK, 10, 20), 0);
	assert_int_equal(lseek(fd, 50, SEEK_SET), 50);
	assert_int_equal(lockf(fd, F_TLOCK, 10), 0);
	look_up(place->file);
	assert_int_equal(outsider_range(place->file, RAW_SETLK, F_RDLCK, 10, 1),
			 REFUSED_UNDER_SHIM);
	assert_int_equal(outsider_range(place->file, F_OFD_SETLK, F_RDLCK, 59, 1),
			 REFUSED_UNDER_SHIM);
	assert_int_equal(outsider_range(place->file, F_OFD_SETLK, F_WRLCK, 30, 20), 0);
	close(fd);
	assert_free(place->file);
}

#define THREADS 4
#define ROUNDS 500

struct churn {
	const char *path;
	int number, bad;
};

/* Holds a part of its own throughout, and opens, locks and closes beside it. */
static void *hold_and_churn(void *argument)
{
	struct churn *churn = argument;
	int fd = open(churn->path, O_RDWR | O_CLOEXEC), i, other;

	churn->bad += record(fd, F_SETLK, F_WRLCK, churn->number * 10, 5) != 0;
	for (i = 0; i < ROUNDS; i++) {
		other = open(churn->path, O_RDWR | O_CLOEXEC);
		churn->bad += record(other, F_SETLKW, F_WRLCK, 1000 + churn->number, 1) != 0;
		close(other);
	}
	return NULL;
}

static void test_preload_threads_leave_each_other_their_parts(void **state)
{
	const struct place *place = *state;
	struct churn churn[THREADS];
	pthread_t threads[THREADS];
	int i;

	for (i = 0; i < THREADS; i++) {
		churn[i] = (struct churn){ place->file, i, 0 };
		assert_int_equal(pthread_create(&threads[i], NULL, hold_and_churn, &churn[i]), 0);
	}
	for (i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	for (i = 0; i < THREADS; i++) {
		assert_int_equal(churn[i].bad, 0);
		assert_int_equal(outsider_range(place->file, F_OFD_SETLK, F_RDLCK, i * 10, 5),
				 REFUSED_UNDER_SHIM);
		assert_int_equal(outsider_range(place->file, F_OFD_SETLK, F_RDLCK, i * 10 + 5, 5),
				 0);
		assert_int_equal(outsider_range(place->file, F_OFD_SETLK, F_RDLCK, 1000 + i, 1), 0);
	}
}

#define WORKERS 4

static void count(volatile long *counter)
{
	long seen = *counter;

	sched_yield();
	*counter = seen + 1;
}

static _Noreturn void work(int fd, volatile long *counter)
{
	int i;

	for (i = 0; i < ROUNDS; i++) {
		if (lock(fd, F_SETLKW))
			_exit(1);
		count(counter);
		if (unlock(fd))
			_exit(1);
	}
	_exit(0);
}

/* One that the shim does not reach. */
static _Noreturn void work_outside(const char *path, volatile long *counter)
{
	int fd = (int)syscall(SYS_openat, AT_FDCWD, path, O_RDWR), i;

	for (i = 0; i < ROUNDS; i++) {
		if (outsider_call(fd, BY_POSIX, LOCK_EX, true))
			_exit(1);
		count(counter);
		if (outsider_call(fd, BY_POSIX, LOCK_UN, false))
			_exit(1);
	}
	_exit(0);
}

static pid_t start_worker(const char *path, int fd, volatile long *counter)
{
	pid_t pid = fork();

	if (!pid && fd < 0)
		work_outside(path, counter);
	if (!pid)
		work(fd, counter);
	return pid;
}

/* As a server does with the lock file that it opened before it forked. The parent holds the lock
 * until all are there. */
static void test_preload_workers_on_one_description_lose_no_update(void **state)
{
	const struct place *place = *state;
	volatile long *counter = shared_words();
	int fd = must_open(place->file, O_RDWR), i, status;
	pid_t pids[WORKERS + 1];

	assert_int_equal(lock(fd, F_SETLK), 0);
	for (i = 0; i <= WORKERS; i++)
		pids[i] = start_worker(place->file, i < WORKERS ? fd : -1, counter);
	sched_yield();
	assert_int_equal(*counter, 0);
	assert_int_equal(unlock(fd), 0);
	for (i = 0; i <= WORKERS; i++) {
		assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
		assert_int_equal(status, 0);
	}
	assert_int_equal(*counter, (WORKERS + 1) * ROUNDS);
	close(fd);
	assert_free(place->file);
}

/* Opened after the fork, by each for itself. */
static void test_preload_workers_that_open_for_themselves_lose_no_update(void **state)
{
	const struct place *place = *state;
	volatile long *counter = shared_words();
	pid_t pids[WORKERS];
	int i, status;

	for (i = 0; i < WORKERS; i++) {
		pids[i] = fork();
		if (!pids[i])
			work(open(place->file, O_RDWR | O_CLOEXEC), counter);
	}
	for (i = 0; i < WORKERS; i++) {
		assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
		assert_int_equal(status, 0);
	}
	assert_int_equal(*counter, WORKERS * ROUNDS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		place_test(test_preload_library_that_closes_the_file_leaves_the_lock),
		place_test(test_preload_threads_leave_each_other_their_parts),
		place_test(test_preload_workers_on_one_description_lose_no_update),
		place_test(test_preload_workers_that_open_for_themselves_lose_no_update),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
