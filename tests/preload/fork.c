/* SPDX-License-Identifier: MIT
 * fork in a threaded program, vfork, a raw fork: the child can lock at once, and the parent's locks
 * and notes are as they were. */
#include "tests/preload/common.h"

#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <sys/syscall.h>

extern char **environ;

static int stop;

static void *lock_without_pause(void *path)
{
	while (!__atomic_load_n(&stop, __ATOMIC_RELAXED)) {
		int fd = open(path, O_RDWR | O_CLOEXEC);

		flock(fd, LOCK_EX);
		flock(fd, LOCK_UN);
		close(fd);
	}
	return NULL;
}

/* 0 where the child's own lock is real, as seen by a description of its own. */
static int child_locks(const char *path)
{
	int fd = open(path, O_RDWR), other = open(path, O_RDWR);

	if (fd < 0 || other < 0 || flock(fd, LOCK_EX))
		return 1;
	if (outsider_call(other, shimmed() ? BY_OFD : BY_FLOCK, LOCK_EX, false) != EAGAIN)
		return 2;
	return flock(fd, LOCK_UN) ? 3 : 0;
}

static void test_preload_fork_in_a_threaded_program(void **state)
{
	const struct place *place = *state;
	char busy[128];
	pthread_t threads[3];
	int i, status;

	need_no_emulator("a fork beside threads now and then hangs in the emulator's own locks");
	snprintf(busy, sizeof busy, "%s/busy", place->directory);
	close(must_open(busy, O_RDWR | O_CREAT));
	__atomic_store_n(&stop, 0, __ATOMIC_RELAXED);
	for (i = 0; i < 3; i++)
		pthread_create(&threads[i], NULL, lock_without_pause, busy);
	for (i = 0; i < 200; i++) {
		pid_t pid = fork();

		if (!pid)
			_exit(child_locks(place->file));
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_int_equal(status, 0);
	}
	__atomic_store_n(&stop, 1, __ATOMIC_RELAXED);
	for (i = 0; i < 3; i++)
		pthread_join(threads[i], NULL);
}

static void test_preload_raw_fork(void **state)
{
	const struct place *place = *state;
	int fd = must_open(place->file, O_RDWR), status;
	pid_t pid;

	assert_int_equal(flock(fd, LOCK_EX), 0);
#ifdef SYS_fork
	pid = (pid_t)syscall(SYS_fork);
#else
	pid = (pid_t)syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
#endif
	if (!pid)
		_exit(flock(fd, LOCK_UN) || child_locks(place->file));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	close(fd);
}

/* The child shares our memory but not our descriptors: what it puts on our numbers is not ours. */
static void test_preload_vfork_child_locks_on_the_parents_numbers(void **state)
{
	const struct place *place = *state;
	char path[128];
	int fifo, file = must_open(place->file, O_RDWR), status;
	pid_t pid;

	snprintf(path, sizeof path, "%s/fifo", place->directory);
	assert_int_equal(mkfifo(path, 0600), 0);
	fifo = must_open(path, O_RDWR);
	pid = vfork();
	if (!pid) {
		dup2(file, fifo);
		_exit(flock(fifo, LOCK_EX) || flock(fifo, LOCK_UN));
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_int_equal(flock(fifo, LOCK_EX), 0);
	close(must_open(path, O_RDWR));
	assert_int_equal(outsider_try(path, BY_FLOCK, LOCK_EX), EAGAIN);
	assert_int_equal(flock(file, LOCK_EX), 0);
	assert_held(place->file, LOCK_EX);
	close(file);
	close(fifo);
}

static void test_preload_vfork_child_closes_everything(void **state)
{
	const struct place *place = *state;
	int fd = must_open(place->file, O_RDWR), status, i;
	pid_t pid;

	assert_int_equal(flock(fd, LOCK_EX), 0);
	pid = vfork();
	if (!pid) {
		for (i = 3; i < 256; i++)
			close(i);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_held(place->file, LOCK_EX);
	assert_int_equal(flock(fd, LOCK_UN), 0);
	assert_free(place->file);
	close(fd);
}

static void test_preload_spawned_child_inherits(void **state)
{
	const struct place *place = *state;
	int fd = open(place->file, O_RDWR), status;
	char number[16];
	const char *words[] = { PROBE, "unlock", number, NULL }, *const *argv = runnable(words);
	pid_t pid;

	snprintf(number, sizeof number, "%d", fd);
	assert_int_equal(flock(fd, LOCK_EX), 0);
	assert_int_equal(posix_spawn(&pid, argv[0], NULL, NULL, (char **)(uintptr_t)argv, environ),
			 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_free(place->file);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		place_test(test_preload_fork_in_a_threaded_program),
		place_test(test_preload_raw_fork),
		place_test(test_preload_vfork_child_locks_on_the_parents_numbers),
		place_test(test_preload_vfork_child_closes_everything),
		place_test(test_preload_spawned_child_inherits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
