/* SPDX-License-Identifier: MIT
 * fcntl and lockf under all their names do what they do: every kind of argument arrives. */
#include "tests/preload/common.h"

#include <dlfcn.h>

#ifdef __GLIBC__
int fcntl64(int fd, int command, ...);
#else /* musl has offsets of one size, and one name */
#define fcntl64 fcntl
#endif

static void test_preload_fcntl_arguments_arrive(void **state)
{
	const struct place *place = *state;
	int fd = must_open(place->file, O_RDWR), high, ends[2];
	struct f_owner_ex owner = { .type = F_OWNER_PID, .pid = getpid() }, answer = { 0 };

	high = fcntl(fd, F_DUPFD, 300);
	assert_int_equal(high, 300);
	close(high);
	assert_int_equal(fcntl(fd, F_SETFL, O_APPEND), 0);
	assert_true(fcntl(fd, F_GETFL) & O_APPEND);
	assert_int_equal(fcntl(fd, F_SETFD, 0), 0);
	assert_int_equal(fcntl64(fd, F_GETFD), 0);
	assert_int_equal(fcntl(fd, F_SETOWN_EX, &owner), 0);
	assert_int_equal(fcntl(fd, F_GETOWN_EX, &answer), 0);
	assert_int_equal(answer.pid, getpid());
	assert_int_equal(fcntl(fd, F_GETOWN), getpid());
	assert_int_equal(pipe(ends), 0);
	assert_true(fcntl(ends[0], F_SETPIPE_SZ, 8192) >= 8192);
	assert_int_equal(fcntl(fd, 0x7fff, &owner), -1);
	assert_int_equal(errno, EINVAL);
	assert_int_equal(fcntl(-1, F_GETFL), -1);
	assert_int_equal(errno, EBADF);
	close(ends[0]);
	close(ends[1]);
	close(fd);
}

static void test_preload_record_locks_are_untouched(void **state)
{
	const struct place *place = *state;
	int fd = must_open(place->file, O_RDWR);
	struct flock record = { .l_type = F_WRLCK, .l_start = 10, .l_len = 5 };
	struct flock question = { .l_type = F_WRLCK };
	struct outsider holder;

	assert_int_equal(fcntl(fd, F_SETLK, &record), 0);
	assert_int_equal(outsider_try(place->file, BY_POSIX, LOCK_EX), EAGAIN);
	record.l_type = F_UNLCK;
	assert_int_equal(fcntl64(fd, F_SETLK, &record), 0);
	assert_free(place->file);
	holder = outsider_hold(place->file, BY_POSIX, LOCK_SH);
	assert_int_equal(fcntl(fd, F_GETLK, &question), 0);
	assert_int_equal(question.l_type, F_RDLCK);
	assert_int_equal(question.l_pid, holder.pid);
	outsider_stop(&holder);
	close(fd);
}

static void test_preload_lockf(void **state)
{
	const struct place *place = *state;
	int fd = must_open(place->file, O_RDWR);
	struct outsider holder;

	assert_int_equal(lseek(fd, 100, SEEK_SET), 100);
	assert_int_equal(lockf(fd, F_TLOCK, -50), 0);
	assert_int_equal(outsider_try(place->file, BY_POSIX, LOCK_EX), EAGAIN);
	assert_int_equal(lockf(fd, F_ULOCK, -50), 0);
	assert_free(place->file);
	holder = outsider_hold(place->file, BY_POSIX, LOCK_EX);
	assert_int_equal(lockf(fd, F_TEST, 0), -1);
	assert_true(errno == EACCES || errno == EAGAIN);
	assert_int_equal(lockf(fd, F_TLOCK, 0), -1);
	outsider_stop(&holder);
	assert_int_equal(lockf(fd, F_TEST, 0), 0);
	assert_int_equal(lockf(fd, 77, 0), -1);
	assert_int_equal(errno, EINVAL);
	close(fd);
}

/* Each name that libc has leads into the shim where it is loaded, and out of it again. */
static void test_preload_every_name_works(void **state)
{
	static const char *const names[] = { "fcntl", "fcntl64", "__fcntl" };
	const struct place *place = *state;
	int fd = must_open(place->file, O_RDWR);
	size_t i;

	for (i = 0; i < 3; i++) {
		int (*call)(int, int, ...) = 0;

		*(void **)&call = dlsym(RTLD_DEFAULT, names[i]);
		if (call)
			assert_int_equal(call(fd, F_GETFL) & O_ACCMODE, O_RDWR);
	}
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		place_test(test_preload_fcntl_arguments_arrive),
		place_test(test_preload_record_locks_are_untouched),
		place_test(test_preload_lockf),
		place_test(test_preload_every_name_works),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
