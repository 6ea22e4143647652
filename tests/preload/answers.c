/* SPDX-License-Identifier: MIT
 * The same answers: what is wrong with a call gets the kernel's own errno, and errno is kept where
 * nothing is. */
#include "tests/preload/common.h"

#include <pthread.h>

static void assert_errno(int fd, int operation, int expected)
{
	errno = 0;
	assert_int_equal(flock(fd, operation), -1);
	assert_int_equal(errno, expected);
}

static void test_preload_bad_descriptor(void **state)
{
	const int operations[] = { LOCK_SH, LOCK_EX, LOCK_UN, LOCK_EX | LOCK_NB };
	size_t i;

	(void)state;
	for (i = 0; i < 4; i++) {
		assert_errno(-1, operations[i], EBADF);
		assert_errno(9999, operations[i], EBADF);
		assert_errno(INT32_MAX, operations[i], EBADF);
	}
}

static void test_preload_bad_operation(void **state)
{
	const struct place *place = *state;
	int fd = must_open(place->file, O_RDWR);
	const int operations[] = { 0, 16, LOCK_SH | LOCK_EX, LOCK_EX | LOCK_UN, LOCK_NB, -1 };
	size_t i;

	for (i = 0; i < sizeof operations / sizeof operations[0]; i++) {
		int raw = outsider_call(fd, BY_FLOCK, operations[i], true);

		if (raw)
			assert_errno(fd, operations[i], raw);
	}
	assert_free(place->file);
	close(fd);
}

static void test_preload_path_descriptor_is_refused(void **state)
{
	const struct place *place = *state;
	int fd = must_open(place->file, O_PATH);

	assert_errno(fd, LOCK_EX, EBADF);
	assert_errno(fd, LOCK_SH, EBADF);
	assert_errno(fd, LOCK_UN, EBADF);
	close(fd);
}

static void test_preload_errno_is_kept(void **state)
{
	const struct place *place = *state;
	int fd = must_open(place->file, O_RDWR), other = must_open(place->file, O_RDWR);

	errno = 4711;
	assert_int_equal(flock(fd, LOCK_SH), 0);
	assert_int_equal(flock(other, LOCK_SH), 0);
	assert_int_equal(flock(other, LOCK_UN), 0);
	assert_int_equal(flock(fd, LOCK_EX), 0);
	assert_int_equal(flock(fd, LOCK_UN), 0);
	assert_int_equal(flock(fd, LOCK_UN), 0);
	close(other);
	assert_int_equal(fclose(fdopen(fd, "r+")), 0);
	assert_int_equal(errno, 4711);
}

/* open-mode = fail: what an NFSv4 client answers too. */
static void lock_against_the_open_mode(const struct place *place)
{
	int reader = must_open(place->file, O_RDONLY), writer = must_open(place->file, O_WRONLY);

	assert_errno(reader, LOCK_EX, EBADF);
	assert_errno(writer, LOCK_SH, EBADF);
	assert_free(place->file);
	assert_int_equal(flock(reader, LOCK_SH), 0);
	assert_errno(reader, LOCK_EX | LOCK_NB, EBADF);
	assert_held(place->file, LOCK_SH);
	assert_int_equal(flock(reader, LOCK_UN), 0);
	assert_int_equal(flock(writer, LOCK_EX), 0);
	assert_errno(writer, LOCK_SH | LOCK_NB, EBADF);
	assert_held(place->file, LOCK_EX);
	assert_int_equal(flock(writer, LOCK_UN), 0);
	assert_free(place->file);
}

static void test_preload_lock_that_the_open_mode_forbids(void **state)
{
	if (!shimmed())
		skip();
	assert_scenario("forbidden", *state, "LOCKSHIM_SET=flock=ofd;open-mode=fail", NULL);
}

/* A cancelled thread goes on through flock, also where it waits, and dies at its next real
 * cancellation point. */
static struct {
	const char *path;
	int reached;
} victim;

static void *lock_while_cancelled(void *argument)
{
	int fd = open(victim.path, O_RDWR | O_CLOEXEC);

	(void)argument;
	pthread_cancel(pthread_self());
	if (!flock(fd, LOCK_EX) && !flock(fd, LOCK_UN))
		victim.reached = 1;
	close(fd);
	pthread_testcancel();
	return NULL;
}

static void test_preload_flock_is_no_cancellation_point(void **state)
{
	const struct place *place = *state;
	struct outsider holder = outsider_hold(place->file, shimmed() ? BY_OFD : BY_FLOCK, LOCK_EX);
	pthread_t thread;
	void *result;

	victim.path = place->file;
	assert_int_equal(pthread_create(&thread, NULL, lock_while_cancelled, NULL), 0);
	outsider_await_waiter(place->file);
	outsider_stop(&holder);
	assert_int_equal(pthread_join(thread, &result), 0);
	assert_ptr_equal(result, PTHREAD_CANCELED);
	assert_int_equal(victim.reached, 1);
}

int main(int argc, char **argv)
{
	const struct scenario scenarios[] = {
		{ "forbidden", lock_against_the_open_mode },
		{ NULL, NULL },
	};
	const struct CMUnitTest tests[] = {
		place_test(test_preload_bad_descriptor),
		place_test(test_preload_bad_operation),
		place_test(test_preload_path_descriptor_is_refused),
		place_test(test_preload_errno_is_kept),
		place_test(test_preload_lock_that_the_open_mode_forbids),
		place_test(test_preload_flock_is_no_cancellation_point),
	};

	scenario_main(argc, argv, scenarios);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
