/* SPDX-License-Identifier: MIT
 * The right range is locked by every name, command and record that a program of this word size can
 * be built with. Compiled once for each size of offsets and time. */
#include "tests/preload/common.h"

#include <dlfcn.h>

#include "tests/reach/range.h"

#define GIB ((int64_t)1 << 30)
#define LENGTH 10

static bool refused(const char *path, int64_t start, int64_t length)
{
	return range_try(path, start, length) == EAGAIN;
}

static void assert_locked_exactly(const char *path, int64_t start)
{
	assert_true(refused(path, start, 1));
	assert_true(refused(path, start + LENGTH - 1, 1));
	assert_false(refused(path, 0, start));
	assert_false(refused(path, start + LENGTH, 0));
}

/* 32-bit records reach to 2 GiB. */
static int64_t farthest(size_t size_of_offset)
{
	return size_of_offset == 8 ? 5 * GIB : GIB;
}

#define same_by(record_type, call, fd, path, command, at)                                          \
	do {                                                                                       \
		struct record_type record = { .l_type = F_WRLCK, .l_start = at, .l_len = LENGTH }; \
                                                                                                   \
		assert_int_equal(call(fd, command, &record), 0);                                   \
		assert_locked_exactly(path, at);                                                   \
		record.l_type = F_UNLCK;                                                           \
		assert_int_equal(call(fd, command, &record), 0);                                   \
		assert_false(refused(path, 0, 0));                                                 \
	} while (0)

static void test_reach_fcntl_as_the_headers_call_it(void **state)
{
	const struct place *place = *state;
	int fd = must_open(place->file, O_RDWR);
	int64_t at = farthest(sizeof(off_t));

	same_by(flock, fcntl, fd, place->file, F_SETLK, at);
	same_by(flock, fcntl, fd, place->file, F_SETLKW, at);
	same_by(flock, fcntl, fd, place->file, F_OFD_SETLK, at);
	same_by(flock, fcntl, fd, place->file, F_SETLK, 100);
	close(fd);
}

static void test_reach_fcntl_asks_of_the_range(void **state)
{
	const struct place *place = *state;
	int fd = must_open(place->file, O_RDWR);
	int64_t at = farthest(sizeof(off_t));
	struct flock question = { .l_type = F_WRLCK, .l_start = at - 1, .l_len = 2 * LENGTH };
	struct outsider holder = range_hold(place->file, at, LENGTH);

	assert_int_equal(fcntl(fd, F_GETLK, &question), 0);
	assert_int_equal(question.l_type, F_WRLCK);
	assert_int_equal(question.l_pid, holder.pid);
	assert_true(question.l_start == at && question.l_len == LENGTH);
	outsider_stop(&holder);
	close(fd);
}

#ifdef __GLIBC__
/* F_SETLK64 takes flock64 by every name. The OFD commands take flock64 where the name has 64-bit
 * offsets, and else struct flock, which is flock64 on 64-bit only. */
static void test_reach_every_name_of_fcntl(void **state)
{
	static const char *const names[] = { "fcntl", "fcntl64", "__fcntl", "__fcntl_time64" };
	const struct place *place = *state;
	int fd = must_open(place->file, O_RDWR);

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		int (*call)(int, int, ...) = NULL;

		*(void **)&call = dlsym(RTLD_DEFAULT, names[i]);
		if (!call)
			continue;
		same_by(flock64, call, fd, place->file, F_SETLK64, 5 * GIB);
		same_by(flock64, call, fd, place->file, F_SETLKW64, 5 * GIB);
		if (sizeof(long) == 8 || strstr(names[i], "64"))
			same_by(flock64, call, fd, place->file, F_OFD_SETLK, 5 * GIB);
	}
	close(fd);
}

static void test_reach_lockf64(void **state)
{
	const struct place *place = *state;
	int fd = must_open(place->file, O_RDWR);

	assert_true(lseek64(fd, 5 * GIB, SEEK_SET) == 5 * GIB);
	assert_int_equal(lockf64(fd, F_TLOCK, LENGTH), 0);
	assert_locked_exactly(place->file, 5 * GIB);
	assert_int_equal(lockf64(fd, F_ULOCK, LENGTH), 0);
	assert_false(refused(place->file, 0, 0));
	assert_int_equal(lseek64(fd, 100, SEEK_SET), 100);
	assert_int_equal(lockf64(fd, F_LOCK, 5 * GIB), 0);
	assert_true(refused(place->file, 5 * GIB, 1));
	assert_true(refused(place->file, 5 * GIB + 99, 1));
	assert_false(refused(place->file, 5 * GIB + 100, 0));
	close(fd);
}

/* What 32-bit offsets can't say is refused by libc or the kernel, and locks nothing. */
static void test_reach_offsets_that_do_not_fit(void **state)
{
	const struct place *place = *state;
	int fd = must_open(place->file, O_RDWR);
	struct flock question = { .l_type = F_WRLCK };
	struct outsider holder;

	if (sizeof(off_t) == 8)
		skip();
	holder = range_hold(place->file, 5 * GIB, LENGTH);
	errno = 0;
	assert_int_equal(fcntl(fd, F_GETLK, &question), -1);
	assert_int_equal(errno, EOVERFLOW);
	outsider_stop(&holder);
	close(fd);
}
#endif

static void test_reach_lockf(void **state)
{
	const struct place *place = *state;
	int fd = must_open(place->file, O_RDWR);
	off_t at = (off_t)farthest(sizeof(off_t));

	assert_true(lseek(fd, at, SEEK_SET) == at);
	assert_int_equal(lockf(fd, F_TLOCK, LENGTH), 0);
	assert_locked_exactly(place->file, at);
	assert_int_equal(lockf(fd, F_ULOCK, LENGTH), 0);
	assert_false(refused(place->file, 0, 0));
	close(fd);
}

/* A converted flock is the whole file, to the last byte there can be. */
static void test_reach_flock_is_the_whole_file(void **state)
{
	const struct place *place = *state;
	int fd = must_open(place->file, O_RDWR);

	assert_int_equal(flock(fd, LOCK_EX), 0);
	assert_int_equal(refused(place->file, 0, 1), shimmed());
	assert_int_equal(refused(place->file, INT64_MAX, 1), shimmed());
	assert_int_equal(flock(fd, LOCK_UN), 0);
	assert_false(refused(place->file, 0, 0));
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		place_test(test_reach_fcntl_as_the_headers_call_it),
		place_test(test_reach_fcntl_asks_of_the_range),
#ifdef __GLIBC__
		place_test(test_reach_every_name_of_fcntl),
		place_test(test_reach_lockf64),
		place_test(test_reach_offsets_that_do_not_fit),
#endif
		place_test(test_reach_lockf),
		place_test(test_reach_flock_is_the_whole_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
