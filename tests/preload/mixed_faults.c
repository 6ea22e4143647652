/* SPDX-License-Identifier: MIT
 * Programs that take flock and fcntl on one file in ways that once hung them on themselves, or got
 * another answer than flock's and fcntl's own. */
#include "tests/preload/parts.h"

#include <spawn.h>
#include <sys/resource.h>

#define HANGS 60
#define HIGH 5000
#define INHERITED 30

static int place_make_guarded(void **state)
{
	alarm(HANGS);
	return place_make(state);
}

#define fault_test(name) cmocka_unit_test_setup_teardown(name, place_make_guarded, place_remove)

/* Like TDB and samba. */
static void test_preload_mixed_with_many_ranges(void **state)
{
	const struct place *place = *state;
	int fd = must_open(place->file, O_RDWR), i;

	for (i = 0; i < 40; i++)
		assert_int_equal(record(fd, F_SETLK, F_WRLCK, i * 10, 1), 0);
	assert_int_equal(flock(fd, LOCK_EX | LOCK_NB), 0);
	assert_held(place->file, LOCK_EX);
	assert_int_equal(flock(fd, LOCK_UN), 0);
	assert_int_equal(flock(fd, LOCK_EX), 0);
	assert_int_equal(outsider_range(place->file, F_OFD_SETLK, F_RDLCK, 391, 1),
			 REFUSED_UNDER_SHIM);
	close(fd);
	assert_free(place->file);
}

/* More of them than a text of fixed size would show. */
static void test_preload_mixed_with_many_ranges_after_flock(void **state)
{
	const struct place *place = *state;
	int fd = must_open(place->file, O_RDWR), i;

	assert_int_equal(flock(fd, LOCK_EX), 0);
	for (i = 0; i < 40; i++)
		assert_int_equal(record(fd, F_SETLKW, F_WRLCK, i * 10, 1), 0);
	assert_held(place->file, LOCK_EX);
	for (i = 0; i < 40; i++)
		assert_int_equal(record(fd, F_SETLK, F_UNLCK, i * 10, 1), 0);
	assert_int_equal(outsider_range(place->file, F_OFD_SETLK, F_RDLCK, 391, 1),
			 REFUSED_UNDER_SHIM);
	close(fd);
	assert_free(place->file);
}

static int by_duplicate(int fd)
{
	int copy = fcntl(fd, F_DUPFD_CLOEXEC, 0);

	close(fd);
	return copy;
}

static int vforked_close(int fd)
{
	pid_t pid = vfork();

	if (!pid) {
		close(fd);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	return fd;
}

#ifdef __GLIBC__
static int vforked_close_range(int fd)
{
	pid_t pid = vfork();

	if (!pid) {
		close_range(3, ~0u, 0);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	return fd;
}
#endif

static int spawned(int fd)
{
	char *words[] = { (char[]){ "true" }, NULL }, *environment[] = { NULL };
	posix_spawn_file_actions_t actions;
	pid_t pid;

	assert_int_equal(posix_spawn_file_actions_init(&actions), 0);
	assert_int_equal(posix_spawn_file_actions_addclose(&actions, fd), 0);
	assert_int_equal(posix_spawn(&pid, "/bin/true", &actions, NULL, words, environment), 0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	posix_spawn_file_actions_destroy(&actions);
	return fd;
}

/* -1: the administrator allows no such number. */
static int to_high_number(int fd)
{
	struct rlimit limit;
	int high = -1;

	assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
	limit.rlim_cur = HIGH + 1;
	if (limit.rlim_max > HIGH && !setrlimit(RLIMIT_NOFILE, &limit))
		high = dup3(fd, HIGH, O_CLOEXEC);
	close(fd);
	return high;
}

static void assert_fcntl_is_granted_beside_flock(const struct place *place, int fd)
{
	assert_int_equal(record(fd, F_SETLK, F_WRLCK, 0, 0), 0);
	assert_int_equal(record(fd, F_SETLK, F_UNLCK, 0, 0), 0);
	assert_int_equal(record(fd, F_SETLKW, F_WRLCK, 0, 0), 0);
	assert_int_equal(record(fd, F_SETLK, F_UNLCK, 0, 0), 0);
	assert_held(place->file, LOCK_EX);
	assert_int_equal(flock(fd, LOCK_UN), 0);
	assert_free(place->file);
	close(fd);
}

/* Between the flock and the fcntl lock the program does what hides from us that the flock is its
 * own. */
static void test_preload_mixed_with_a_flock_out_of_sight(void **state)
{
	static int (*const ways[])(int fd) = {
		by_duplicate,        vforked_close, spawned, to_high_number,
#ifdef __GLIBC__
		vforked_close_range,
#endif
	};
	const struct place *place = *state;
	size_t i;
	int fd;

	for (i = 0; i < sizeof ways / sizeof ways[0]; i++) {
		fd = must_open(place->file, O_RDWR);
		assert_int_equal(flock(fd, LOCK_EX), 0);
		fd = ways[i](fd);
		if (fd >= 0)
			assert_fcntl_is_granted_beside_flock(place, fd);
	}
}

static void flock_at_high_number(const struct place *place)
{
	int fd = to_high_number(must_open(place->file, O_RDWR));

	if (fd < 0)
		skip_here();
	assert_int_equal(flock(fd, LOCK_EX), 0);
	assert_fcntl_is_granted_beside_flock(place, fd);
}

static void test_preload_mixed_at_a_high_number(void **state)
{
	flock_at_high_number(*state);
}

static const char *inherited_file;

static void lock_for_exec(void)
{
	int fd = open(inherited_file, O_RDWR);

	if (dup2(fd, INHERITED) < 0 || flock(INHERITED, LOCK_EX))
		_exit(1);
	close(fd);
	alarm(HANGS);
}

static void fcntl_after_exec(const struct place *place)
{
	assert_fcntl_is_granted_beside_flock(place, INHERITED);
}

static void test_preload_mixed_across_exec(void **state)
{
	const struct place *place = *state;

	inherited_file = place->file;
	assert_scenario("exec", place, NULL, lock_for_exec);
}

static void test_preload_mixed_with_two_shared_descriptions(void **state)
{
	const struct place *place = *state;
	int one = must_open(place->file, O_RDWR), two = must_open(place->file, O_RDWR);

	assert_int_equal(flock(one, LOCK_SH), 0);
	assert_int_equal(flock(two, LOCK_SH), 0);
	assert_int_equal(record(one, F_SETLK, F_WRLCK, 0, 0), 0);
	assert_int_equal(record(one, F_SETLK, F_UNLCK, 0, 0), 0);
	assert_int_equal(record(one, F_SETLKW, F_WRLCK, 0, 0), 0);
	assert_int_equal(record(one, F_SETLK, F_UNLCK, 0, 0), 0);
	assert_held(place->file, LOCK_SH);
	close(one);
	assert_held(place->file, LOCK_SH);
	close(two);
	assert_free(place->file);
}

static void test_preload_mixed_answers_a_bad_address(void **state)
{
	static const int commands[] = { F_GETLK, F_SETLK, F_SETLKW, F_OFD_GETLK, F_OFD_SETLK };
	const struct place *place = *state;
	int fd = must_open(place->file, O_RDWR);
	size_t i;

	assert_int_equal(flock(fd, LOCK_EX), 0);
	for (i = 0; i < sizeof commands / sizeof commands[0]; i++) {
		errno = 0;
		assert_int_equal(fcntl(fd, commands[i], (void *)(uintptr_t)8), -1);
		assert_int_equal(errno, EFAULT);
	}
	close(fd);
}

static void test_preload_mixed_success_leaves_errno_and_the_question(void **state)
{
	const struct place *place = *state;
	struct flock question = { .l_type = F_WRLCK, .l_start = 5, .l_len = 7, .l_pid = 77 };
	int fd = must_open(place->file, O_RDWR);

	assert_int_equal(flock(fd, LOCK_EX), 0);
	errno = 0;
	assert_int_equal(record(fd, F_SETLK, F_WRLCK, 0, 0), 0);
	assert_int_equal(record(fd, F_SETLK, F_UNLCK, 0, 0), 0);
	assert_int_equal(record(fd, F_SETLKW, F_WRLCK, 0, 0), 0);
	assert_int_equal(record(fd, F_SETLK, F_UNLCK, 0, 0), 0);
	assert_int_equal(lockf(fd, F_TEST, 0), 0);
	assert_int_equal(fcntl(fd, F_GETLK, &question), 0);
	assert_int_equal(errno, 0);
	assert_int_equal(question.l_type, F_UNLCK);
	assert_int_equal(question.l_whence, SEEK_SET);
	assert_int_equal(question.l_start, 5);
	assert_int_equal(question.l_len, 7);
	assert_int_equal(question.l_pid, 77);
	close(fd);
}

/* The first file of each tmpfs has the same inode number. */
static void test_preload_mixed_tells_file_systems_apart(void **state)
{
	const struct place *place = *state;
	struct stat st[2];
	char path[2][96];
	int fds[2], i;

	for (i = 0; i < 2; i++) {
		snprintf(path[i], sizeof path[i], "%s/%d", place->directory, i);
		mount_new("tmpfs", path[i]);
		strcat(path[i], "/a");
		fds[i] = must_open(path[i], O_RDWR | O_CREAT);
		assert_int_equal(fstat(fds[i], &st[i]), 0);
	}
	if (st[0].st_ino != st[1].st_ino)
		skip();
	assert_int_equal(record(fds[0], F_SETLK, F_WRLCK, 0, 0), 0);
	assert_int_equal(record(fds[1], F_SETLK, F_WRLCK, 5, 1), 0);
	assert_int_equal(flock(fds[1], LOCK_EX | LOCK_NB), 0);
	assert_int_equal(outsider_range(path[1], F_OFD_SETLK, F_WRLCK, 100, 10),
			 REFUSED_UNDER_SHIM);
	close(fds[0]);
	close(fds[1]);
}

int main(int argc, char **argv)
{
	const struct scenario scenarios[] = { { "exec", fcntl_after_exec }, { NULL, NULL } };
	const struct CMUnitTest tests[] = {
		fault_test(test_preload_mixed_with_many_ranges),
		fault_test(test_preload_mixed_with_many_ranges_after_flock),
		fault_test(test_preload_mixed_with_a_flock_out_of_sight),
		fault_test(test_preload_mixed_at_a_high_number),
		fault_test(test_preload_mixed_across_exec),
		fault_test(test_preload_mixed_with_two_shared_descriptions),
		fault_test(test_preload_mixed_answers_a_bad_address),
		fault_test(test_preload_mixed_success_leaves_errno_and_the_question),
		fault_test(test_preload_mixed_tells_file_systems_apart),
	};

	scenario_main(argc, argv, scenarios);
	return cmocka_run_group_tests(tests, own_mounts, NULL);
}
