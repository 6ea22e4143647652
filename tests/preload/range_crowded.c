/* SPDX-License-Identifier: MIT
 * F_GETLK while /proc/locks is long and changes all the time. */
#include "tests/preload/parts.h"

#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>

#define CROWD 1
#define CROWD_LOCKS 150
#define ASKED 100

/* Longer than a page of the list, so that it is read in several pieces. */
static void come_and_go(const char *path, int ready)
{
	int fd = (int)syscall(SYS_openat, AT_FDCWD, path, O_RDWR);
	unsigned i, random = (unsigned)getpid();

	for (i = 0;; i++) {
		struct flock lock = {
			.l_type = i < CROWD_LOCKS || random & 0x100000 ? F_WRLCK : F_UNLCK,
			.l_whence = SEEK_SET,
			.l_start = (i < CROWD_LOCKS ? i : (random >> 8) % CROWD_LOCKS) * 4,
			.l_len = 1
		};

		random = random * 1103515245 + 12345;
		syscall(RAW_FCNTL, fd, F_OFD_SETLK, &lock);
		/* Where it is to be stopped: each page of the list waits for all who are within
		 * the call. */
		sched_yield();
		if (i == CROWD_LOCKS && write(ready, "", 1) != 1)
			_exit(1);
	}
}

static pid_t start(void (*run)(const char *path, int ready), const char *path)
{
	int ready[2];
	pid_t pid;
	char byte;

	assert_int_equal(pipe(ready), 0);
	pid = fork();
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		run(path, ready[1]);
		_exit(1);
	}
	assert_int_equal(read(ready[0], &byte, 1), 1);
	close(ready[0]);
	close(ready[1]);
	return pid;
}

static void end(pid_t pid)
{
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
}

static void hold(const char *path, int ready)
{
	if (raw_record(path, F_OFD_SETLK, F_RDLCK, 5, 5) || write(ready, "", 1) != 1)
		_exit(1);
	for (;;)
		pause();
}

static void crowd_start(const struct place *place, pid_t ret[CROWD])
{
	char path[128];
	int i;

	for (i = 0; i < CROWD; i++) {
		snprintf(path, sizeof path, "%s/crowd%d", place->directory, i);
		close(must_open(path, O_RDWR | O_CREAT));
		ret[i] = start(come_and_go, path);
		unlink(path);
	}
}

static void crowd_stop(const pid_t crowd[CROWD])
{
	int i;

	for (i = 0; i < CROWD; i++)
		end(crowd[i]);
}

/* How often a lock was named that begins at START. */
static int count_named(int fd, off_t start)
{
	int named = 0, i;

	for (i = 0; i < ASKED; i++) {
		struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_len = 10 };

		assert_int_equal(fcntl(fd, F_GETLK, &lock), 0);
		named += lock.l_type != F_UNLCK && lock.l_start == start;
	}
	return named;
}

/* The list goes by processors, and has of each the newest first. */
static void go_to_the_lists_end(cpu_set_t *ret_before)
{
	int cpu = CPU_SETSIZE - 1;
	cpu_set_t last;

	assert_int_equal(sched_getaffinity(0, sizeof *ret_before, ret_before), 0);
	while (!CPU_ISSET(cpu, ret_before))
		cpu--;
	CPU_ZERO(&last);
	CPU_SET(cpu, &last);
	assert_int_equal(sched_setaffinity(0, sizeof last, &last), 0);
}

/* The same read lock by two descriptions: the kernel names one of them whatever it is asked, so
 * that the list has to tell. The crowd comes later: then these are at its end. */
static void assert_named(const struct place *place, off_t begins, int times)
{
	int one = must_open(place->file, O_RDWR), two = must_open(place->file, O_RDWR);
	pid_t crowd[CROWD];
	cpu_set_t before;

	go_to_the_lists_end(&before);
	assert_int_equal(record(one, F_SETLK, F_RDLCK, 0, 10), 0);
	assert_int_equal(record(two, F_SETLK, F_RDLCK, 0, 10), 0);
	assert_int_equal(sched_setaffinity(0, sizeof before, &before), 0);
	crowd_start(place, crowd);
	assert_int_equal(count_named(one, begins), times);
	crowd_stop(crowd);
	close(one);
	close(two);
}

static void test_preload_nobody_is_named_for_locks_of_ones_own(void **state)
{
	assert_named(*state, 0, 0);
}

static void test_preload_another_is_named_however_often_ones_own_are_listed(void **state)
{
	const struct place *place = *state;
	pid_t other = start(hold, place->file);

	assert_named(place, 5, ASKED);
	end(other);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		place_test(test_preload_nobody_is_named_for_locks_of_ones_own),
		place_test(test_preload_another_is_named_however_often_ones_own_are_listed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
