/* SPDX-License-Identifier: MIT
 * The reason for it all: flock and the POSIX domain exclude each other under the shim, both ways,
 * and natively do not. */
#include "tests/preload/common.h"

#include <sys/mman.h>

static void test_preload_outside_posix_holder_excludes_flock(void **state)
{
	const struct place *place = *state;
	const enum outsider_family families[] = { BY_POSIX, BY_OFD };
	size_t i;

	for (i = 0; i < 2; i++) {
		struct outsider holder = outsider_hold(place->file, families[i], LOCK_EX);
		int fd = must_open(place->file, O_RDWR), result;

		errno = 0;
		result = flock(fd, LOCK_EX | LOCK_NB);
		assert_int_equal(result, shimmed() ? -1 : 0);
		assert_int_equal(errno, shimmed() ? EWOULDBLOCK : 0);
		outsider_stop(&holder);
		assert_int_equal(flock(fd, LOCK_EX | LOCK_NB), 0);
		close(fd);
	}
}

static void test_preload_flock_holder_excludes_outside_posix(void **state)
{
	const struct place *place = *state;
	int fd = must_open(place->file, O_RDWR);

	assert_int_equal(flock(fd, LOCK_EX), 0);
	assert_int_equal(outsider_try(place->file, BY_POSIX, LOCK_SH), REFUSED_UNDER_SHIM);
	assert_int_equal(outsider_try(place->file, BY_OFD, LOCK_SH), REFUSED_UNDER_SHIM);
	assert_int_equal(outsider_try(place->file, BY_FLOCK, LOCK_SH), REFUSED_WHEN_BARE);
	assert_int_equal(flock(fd, LOCK_SH), 0);
	assert_held(place->file, LOCK_SH);
	assert_int_equal(flock(fd, LOCK_UN), 0);
	assert_free(place->file);
	close(fd);
}

static void test_preload_shared_holders_share(void **state)
{
	const struct place *place = *state;
	struct outsider holder = outsider_hold(place->file, BY_POSIX, LOCK_SH);
	int fd = must_open(place->file, O_RDONLY);

	assert_int_equal(flock(fd, LOCK_SH | LOCK_NB), 0);
	outsider_stop(&holder);
	assert_held(place->file, LOCK_SH);
	close(fd);
	assert_free(place->file);
}

static void test_preload_waits_for_outside_holder(void **state)
{
	const struct place *place = *state;
	struct outsider holder =
		outsider_hold(place->file, shimmed() ? BY_POSIX : BY_FLOCK, LOCK_EX);
	pid_t pid = fork();
	int status;

	if (!pid) {
		int fd = open(place->file, O_RDWR);

		_exit(flock(fd, LOCK_EX) ? 1 : 0);
	}
	outsider_await_waiter(place->file);
	assert_int_equal(waitpid(pid, &status, WNOHANG), 0);
	outsider_stop(&holder);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static void test_preload_memfd_is_a_regular_file(void **state)
{
	int fd = memfd_create("lockshim", 0);
	char path[64];

	(void)state;
	assert_int_equal(flock(fd, LOCK_EX), 0);
	snprintf(path, sizeof path, "/proc/%d/fd/%d", (int)getpid(), fd);
	assert_held(path, LOCK_EX);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		place_test(test_preload_outside_posix_holder_excludes_flock),
		place_test(test_preload_flock_holder_excludes_outside_posix),
		place_test(test_preload_shared_holders_share),
		place_test(test_preload_waits_for_outside_holder),
		place_test(test_preload_memfd_is_a_regular_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
