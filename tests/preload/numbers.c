/* SPDX-License-Identifier: MIT
 * No descriptor of the host's is disturbed, and none of ours is there: close-all loops, the lowest
 * free number, high numbers, standard descriptors that are files. */
#include "tests/preload/common.h"

#include <dirent.h>
#include <sys/resource.h>

static int open_descriptors(void)
{
	DIR *directory = opendir("/proc/self/fd");
	int count = 0;

	assert_non_null(directory);
	while (readdir(directory))
		count++;
	closedir(directory);
	return count;
}

static void test_preload_keeps_nothing_open(void **state)
{
	const struct place *place = *state;
	int before = open_descriptors(), fd = must_open(place->file, O_RDWR), next;

	assert_int_equal(flock(fd, LOCK_EX), 0);
	assert_int_equal(open_descriptors(), before + 1);
	next = dup(fd);
	assert_int_equal(next, fd + 1);
	close(next);
	assert_int_equal(flock(fd, LOCK_UN), 0);
	close(fd);
	assert_int_equal(open_descriptors(), before);
}

/* A daemon's start: everything is closed, then the same numbers are files. */
static int daemon_locks(const char *path, bool by_range)
{
	int i, fd;

#ifdef __GLIBC__ /* musl has none */
	if (by_range)
		closefrom(0);
	else
#else
	(void)by_range;
#endif
		for (i = 0; i < 1024; i++)
			close(i);
	for (i = 0; i < 3; i++) {
		fd = open(path, O_RDWR);
		if (fd != i || (i == 2 && flock(fd, LOCK_EX)))
			return 10 + i;
	}
	if (outsider_try(path, shimmed() ? BY_OFD : BY_FLOCK, LOCK_EX) != EAGAIN)
		return 20;
	return flock(2, LOCK_UN) ? 21 : 0;
}

static void test_preload_close_all_then_lock(void **state)
{
	const struct place *place = *state;
	int way, status;
	struct stat st;

	for (way = 0; way < 2; way++) {
		pid_t pid;
		int fd = must_open(place->file, O_RDWR);

		assert_int_equal(flock(fd, LOCK_EX), 0);
		assert_int_equal(flock(fd, LOCK_UN), 0);
		pid = fork();
		if (!pid)
			_exit(daemon_locks(place->file, way));
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_int_equal(status, 0);
		close(fd);
	}
	assert_int_equal(stat(place->file, &st), 0);
	assert_int_equal(st.st_size, 0);
}

static void test_preload_high_number(void **state)
{
	const struct place *place = *state;
	struct rlimit limit;
	int fd, high;

	assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
	if (limit.rlim_cur < 6000) {
		limit.rlim_cur = limit.rlim_max < 6000 ? limit.rlim_max : 6000;
		assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
	}
	fd = must_open(place->file, O_RDWR);
	high = fcntl(fd, F_DUPFD_CLOEXEC, (int)limit.rlim_cur > 5000 ? 5000 : 900);
	assert_return_code(high, errno);
	assert_int_equal(flock(high, LOCK_EX), 0);
	assert_held(place->file, LOCK_EX);
	assert_int_equal(flock(high, LOCK_UN), 0);
	assert_free(place->file);
	close(high);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		place_test(test_preload_keeps_nothing_open),
		place_test(test_preload_close_all_then_lock),
		place_test(test_preload_high_number),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
