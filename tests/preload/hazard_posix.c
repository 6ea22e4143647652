/* SPDX-License-Identifier: MIT
 * What else flock = posix loses is told by name where it is lost, and not where nothing is. */
#include "tests/preload/hazard_acts.h"
#include "tests/preload/parts.h"

static int locked(const struct place *place)
{
	int fd = must_open(place->file, O_RDWR);

	assert_int_equal(flock(fd, LOCK_EX), 0);
	return fd;
}

/* In a child that is forked and does nothing but what END does. */
static void in_child(int fd, void (*end)(int fd))
{
	int status;
	pid_t pid = fork();

	assert_return_code(pid, errno);
	if (!pid) {
		end(fd);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static void do_nothing(int fd)
{
	(void)fd;
}

static void lock_and_exit(int fd)
{
	exit(flock(fd, LOCK_EX | LOCK_NB) ? 1 : 0);
}

static void lock_unlock_and_exit(int fd)
{
	if (flock(fd, LOCK_EX | LOCK_NB) || flock(fd, LOCK_UN))
		_exit(1);
	exit(0);
}

static void fork_with_the_lock(const struct place *place)
{
	in_child(locked(place), do_nothing);
}

static void lock_in_the_child(const struct place *place)
{
	in_child(must_open(place->file, O_RDWR), lock_and_exit);
}

static void lock_and_unlock_in_the_child(const struct place *place)
{
	in_child(must_open(place->file, O_RDWR), lock_unlock_and_exit);
}

static void fork_without_a_lock(const struct place *place)
{
	int fd = locked(place);

	assert_int_equal(flock(fd, LOCK_UN), 0);
	in_child(fd, do_nothing);
}

/* The child inherits marks, and no lock. */
static void close_in_the_child(int fd)
{
	close(dup(fd));
	close(fd);
}

static void fork_after_a_close(const struct place *place)
{
	int fd = must_open(place->file, O_RDWR);

	in_child(fd, close_in_the_child);
	assert_int_equal(flock(fd, LOCK_EX), 0);
}

static void lock_what_was_given(const struct place *place)
{
	(void)place;
	assert_int_equal(flock(act_given(), LOCK_EX), 0);
}

/* As flock(1) does before it ends. */
static void lock_and_close_the_streams(const struct place *place)
{
	lock_what_was_given(place);
	fclose(stdout);
	fclose(stderr);
}

static void unlock_what_was_given(const struct place *place)
{
	lock_what_was_given(place);
	assert_int_equal(flock(act_given(), LOCK_UN), 0);
}

static void lock_for_the_parent(const struct place *place)
{
	act_with(place, "lock_what_was_given", must_open(place->file, O_RDWR));
}

static void lock_as_a_command(const struct place *place)
{
	act_with(place, "lock_and_close_the_streams", must_open(place->file, O_RDWR));
}

static void lock_and_unlock_for_the_parent(const struct place *place)
{
	act_with(place, "unlock_what_was_given", must_open(place->file, O_RDWR));
}

/* Nobody else has the description. */
static void lock_for_nobody(const struct place *place)
{
	char *argv[] = { (char *)(uintptr_t) "/proc/self/exe",
			 (char *)(uintptr_t) "lock_what_was_given",
			 (char *)(uintptr_t)place->directory, NULL };
	char given[40];
	int fd = must_open(place->file, O_RDWR);

	need_no_emulator("/proc/self/exe is the emulator");
	snprintf(given, sizeof given, "TEST_GIVEN=%d", fd);
	putenv(given);
	fcntl(fd, F_SETFD, 0);
	execv(argv[0], argv);
	fail();
}

static void lock_both(const struct place *place, int first, int second, bool lets_go)
{
	int one = must_open(place->file, O_RDWR), other = must_open(place->file, O_RDWR);

	assert_int_equal(flock(one, first), 0);
	if (lets_go)
		assert_int_equal(flock(one, LOCK_UN), 0);
	(void)flock(other, second | LOCK_NB);
}

static void lock_twice(const struct place *place)
{
	lock_both(place, LOCK_EX, LOCK_EX, false);
}

static void lock_exclusive_then_shared(const struct place *place)
{
	lock_both(place, LOCK_EX, LOCK_SH, false);
}

static void lock_shared_then_exclusive(const struct place *place)
{
	lock_both(place, LOCK_SH, LOCK_EX, false);
}

static void share_twice(const struct place *place)
{
	lock_both(place, LOCK_SH, LOCK_SH, false);
}

static void lock_in_turn(const struct place *place)
{
	lock_both(place, LOCK_EX, LOCK_EX, true);
}

static void lock_a_duplicate(const struct place *place)
{
	int fd = locked(place);

	assert_int_equal(flock(dup(fd), LOCK_EX), 0);
	assert_int_equal(flock(fd, LOCK_SH), 0);
}

static void unlock_beside_fcntl(const struct place *place)
{
	int fd = locked(place);

	assert_int_equal(record(fd, F_SETLK, F_WRLCK, 0, 10), 0);
	assert_int_equal(flock(fd, LOCK_UN), 0);
}

static void unlock_a_part_by_fcntl(const struct place *place)
{
	int fd = locked(place);

	assert_int_equal(record(fd, F_SETLK, F_WRLCK, 0, 10), 0);
	assert_int_equal(record(fd, F_SETLK, F_UNLCK, 0, 10), 0);
}

static void unlock_by_lockf(const struct place *place)
{
	int fd = locked(place);

	assert_int_equal(lockf(fd, F_ULOCK, 0), 0);
}

static void fcntl_before_flock(const struct place *place)
{
	int fd = must_open(place->file, O_RDWR);

	assert_int_equal(record(fd, F_SETLK, F_WRLCK, 0, 10), 0);
	assert_int_equal(record(fd, F_SETLK, F_UNLCK, 0, 10), 0);
	assert_int_equal(flock(fd, LOCK_EX), 0);
	assert_int_equal(flock(fd, LOCK_UN), 0);
}

static void fcntl_on_another_file(const struct place *place)
{
	int fd = locked(place), other;
	char path[128];

	snprintf(path, sizeof path, "%s/other", place->directory);
	other = must_open(path, O_RDWR | O_CREAT);
	assert_int_equal(record(other, F_SETLK, F_WRLCK, 0, 10), 0);
	assert_int_equal(record(other, F_SETLK, F_UNLCK, 0, 0), 0);
	assert_int_equal(flock(fd, LOCK_UN), 0);
}

#define ACT(act, hazard)                                                                           \
	{                                                                                          \
#act, act, "LOCKSHIM_SET=flock=posix", hazard                                      \
	}

static const struct act acts[] = {
	ACT(fork_with_the_lock, "fork"),
	ACT(lock_in_the_child, "fork"),
	ACT(lock_and_unlock_in_the_child, NULL),
	ACT(fork_without_a_lock, NULL),
	ACT(fork_after_a_close, NULL),
	ACT(lock_for_the_parent, "exec"),
	ACT(lock_as_a_command, "exec"),
	ACT(lock_and_unlock_for_the_parent, NULL),
	ACT(lock_for_nobody, NULL),
	ACT(lock_twice, "same-process"),
	ACT(lock_exclusive_then_shared, "same-process"),
	ACT(lock_shared_then_exclusive, "same-process"),
	ACT(share_twice, NULL),
	ACT(lock_in_turn, NULL),
	ACT(lock_a_duplicate, NULL),
	ACT(unlock_beside_fcntl, "fcntl"),
	ACT(unlock_a_part_by_fcntl, "fcntl"),
	ACT(unlock_by_lockf, "fcntl"),
	ACT(fcntl_before_flock, NULL),
	ACT(fcntl_on_another_file, NULL),
	{ NULL, NULL, NULL, NULL },
};

/* What act_with() starts. */
static const struct act started[] = {
	ACT(lock_what_was_given, NULL),
	ACT(lock_and_close_the_streams, NULL),
	ACT(unlock_what_was_given, NULL),
	{ NULL, NULL, NULL, NULL },
};

static void test_preload_posix_names_what_it_loses(void **state)
{
	assert_acts(acts, *state);
}

/* The cure that each line names. */
static void test_preload_ofd_loses_none_of_it(void **state)
{
	assert_acts_cured(acts, *state, "LOCKSHIM_SET=flock=ofd");
}

int main(int argc, char **argv)
{
	const struct act *const tables[] = { acts, started, NULL };
	const struct CMUnitTest tests[] = {
		place_test(test_preload_posix_names_what_it_loses),
		place_test(test_preload_ofd_loses_none_of_it),
	};

	act_main(argc, argv, tables);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
