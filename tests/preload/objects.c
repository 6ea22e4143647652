/* SPDX-License-Identifier: MIT
 * What is no regular file is passed to flock, for LOCK_SH and LOCK_EX alike: an outsider's flock is
 * refused, bare and under the shim. */
#include "tests/preload/common.h"

#include <sys/socket.h>
#include <sys/syscall.h>

/* Another description of the same object, through /proc, tried with a raw flock and a raw OFD lock.
 */
static void assert_native(int fd)
{
	char path[64];
	int other;

	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	other = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	assert_return_code(other, errno);
	assert_int_equal(outsider_call(other, BY_FLOCK, LOCK_SH, false), EAGAIN);
	assert_int_equal(outsider_call(other, BY_OFD, LOCK_SH, false), 0);
	close(other);
}

static void lock_natively(int fd)
{
	assert_int_equal(flock(fd, LOCK_EX), 0);
	assert_native(fd);
	assert_int_equal(flock(fd, LOCK_EX | LOCK_NB), 0);
	assert_native(fd);
	assert_int_equal(flock(fd, LOCK_UN), 0);
	assert_int_equal(flock(fd, LOCK_SH), 0);
	assert_int_equal(flock(fd, LOCK_UN), 0);
	close(fd);
}

static void test_preload_directory_is_passed(void **state)
{
	const struct place *place = *state;

	lock_natively(must_open(place->directory, O_RDONLY | O_DIRECTORY));
}

static void test_preload_fifo_is_passed(void **state)
{
	const struct place *place = *state;
	char path[128];

	snprintf(path, sizeof path, "%s/fifo", place->directory);
	assert_int_equal(mkfifo(path, 0600), 0);
	lock_natively(must_open(path, O_RDWR));
}

static void test_preload_device_is_passed(void **state)
{
	(void)state;
	lock_natively(must_open("/dev/null", O_RDWR));
}

static void test_preload_proc_file_is_passed(void **state)
{
	(void)state;
	lock_natively(must_open("/proc/self/comm", O_RDWR));
	lock_natively(must_open("/proc/self/status", O_RDONLY));
}

static void test_preload_socket_is_passed(void **state)
{
	int pair[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	assert_int_equal(flock(pair[0], LOCK_EX | LOCK_NB), 0);
	assert_int_equal(flock(pair[0], LOCK_UN), 0);
	close(pair[0]);
	close(pair[1]);
}

/* A number that was a regular file's a moment ago, closed in each way that we see. */
static void reuse(const struct place *place, void (*let_go)(int fd))
{
	char path[128];
	int fd = must_open(place->file, O_RDWR), again;

	snprintf(path, sizeof path, "%s/pipe", place->directory);
	(void)mkfifo(path, 0600);
	assert_int_equal(flock(fd, LOCK_EX), 0);
	let_go(fd);
	again = must_open(path, O_RDWR);
	assert_int_equal(again, fd);
	lock_natively(again);
}

static void by_close(int fd)
{
	close(fd);
}

static void by_fclose(int fd)
{
	FILE *stream = fdopen(fd, "r+");

	assert_non_null(stream);
	fclose(stream);
}

#ifdef __GLIBC__ /* musl has none */
static void by_close_range(int fd)
{
	close_range((unsigned)fd, (unsigned)fd, 0);
}
#else
#define by_close_range by_close
#endif

static void by_dup2(int fd)
{
	dup2(1, fd);
	syscall(SYS_close, fd); /* unseen: the note went with the dup2 */
}

static void test_preload_reused_number_is_asked_again(void **state)
{
	void (*const ways[])(int) = { by_close, by_fclose, by_close_range, by_dup2 };
	size_t i;

	for (i = 0; i < sizeof ways / sizeof ways[0]; i++)
		reuse(*state, ways[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		place_test(test_preload_directory_is_passed),
		place_test(test_preload_fifo_is_passed),
		place_test(test_preload_device_is_passed),
		place_test(test_preload_proc_file_is_passed),
		place_test(test_preload_socket_is_passed),
		place_test(test_preload_reused_number_is_asked_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
