/* SPDX-License-Identifier: MIT
 * What flock = posix loses is told by name where it is lost, and not where nothing is. */
#include "tests/preload/hazard_acts.h"
#include "tests/preload/parts.h"

#include <sys/syscall.h>

#define POSIX "LOCKSHIM_SET=flock=posix"
#define OFD "LOCKSHIM_SET=flock=ofd"

#ifndef CLOSE_RANGE_CLOEXEC
#define CLOSE_RANGE_CLOEXEC 4
#endif
int close_range(unsigned first, unsigned last, int flags) __attribute__((weak));
void closefrom(int first) __attribute__((weak));

static int locked(const struct place *place)
{
	int fd = must_open(place->file, O_RDWR);

	assert_int_equal(flock(fd, LOCK_EX), 0);
	return fd;
}

static void close_another(const struct place *place)
{
	(void)locked(place);
	close(must_open(place->file, O_RDONLY));
}

static void close_a_duplicate(const struct place *place)
{
	close(dup(locked(place)));
}

/* flock's lock would live on in the duplicate. */
static void close_the_original(const struct place *place)
{
	int fd = locked(place);

	assert_return_code(dup(fd), errno);
	close(fd);
}

static void dup2_over_another(const struct place *place)
{
	int other = must_open(place->file, O_RDWR);

	assert_int_equal(dup2(locked(place), other), other);
}

static void dup3_over_another(const struct place *place)
{
	int other = must_open(place->file, O_RDWR);

	assert_int_equal(dup3(locked(place), other, O_CLOEXEC), other);
}

static void fclose_another(const struct place *place)
{
	(void)locked(place);
	assert_int_equal(fclose(fopen(place->file, "re")), 0);
}

static void close_range_of_another(const struct place *place)
{
	int fd = locked(place), other = fcntl(fd, F_DUPFD, 100);

	if (!close_range)
		skip_here();
	assert_int_equal(other, 100);
	assert_int_equal(close_range(100, 200, 0), 0);
}

static void closefrom_another(const struct place *place)
{
	if (!closefrom)
		skip_here();
	assert_int_equal(fcntl(locked(place), F_DUPFD, 100), 100);
	closefrom(100);
}

static void close_what_was_locked(const struct place *place)
{
	close(locked(place));
}

static void close_after_unlock(const struct place *place)
{
	int fd = locked(place);

	assert_int_equal(flock(fd, LOCK_UN), 0);
	close(must_open(place->file, O_RDWR));
	close(fd);
}

static void close_other_files(const struct place *place)
{
	(void)locked(place);
	close(must_open("/dev/null", O_RDWR));
	close(must_open(place->directory, O_RDONLY));
	close(5000);
}

static void fail_to_close(const struct place *place)
{
	int other = must_open(place->file, O_RDWR);

	(void)locked(place);
	assert_int_equal(dup2(-1, other), -1);
	assert_int_equal(dup3(other, other, 0), -1);
	if (close_range)
		assert_int_equal(close_range(3, ~0u, CLOSE_RANGE_CLOEXEC), 0);
}

static void close_everything(const struct place *place)
{
	int fd = locked(place);

	for (fd = 3; fd < 1000; fd++)
		close(fd);
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

#define LOSES(act, hazard)                                                                         \
	{                                                                                          \
#act, act, POSIX, hazard                                                           \
	}
#define LOSES_NOTHING(act)                                                                         \
	{                                                                                          \
#act, act, POSIX, NULL                                                             \
	}

/* One test a table: acts up to a nameless one. The last table holds what others start. */
static const struct act acts[] = {
	LOSES(close_another, "close"),
	LOSES(close_a_duplicate, "close"),
	LOSES(close_the_original, "close"),
	LOSES(dup2_over_another, "close"),
	LOSES(dup3_over_another, "close"),
	LOSES(fclose_another, "close"),
	LOSES(close_range_of_another, "close"),
	LOSES(closefrom_another, "close"),
	LOSES_NOTHING(close_what_was_locked),
	LOSES_NOTHING(close_after_unlock),
	LOSES_NOTHING(close_other_files),
	LOSES_NOTHING(fail_to_close),
	LOSES_NOTHING(close_everything),
	LOSES(fork_with_the_lock, "fork"),
	LOSES(lock_in_the_child, "fork"),
	LOSES_NOTHING(lock_and_unlock_in_the_child),
	LOSES_NOTHING(fork_without_a_lock),
	LOSES_NOTHING(fork_after_a_close),
	LOSES(lock_for_the_parent, "exec"),
	LOSES(lock_as_a_command, "exec"),
	LOSES_NOTHING(lock_and_unlock_for_the_parent),
	LOSES_NOTHING(lock_for_nobody),
	LOSES(lock_twice, "same-process"),
	LOSES(lock_exclusive_then_shared, "same-process"),
	LOSES(lock_shared_then_exclusive, "same-process"),
	LOSES_NOTHING(share_twice),
	LOSES_NOTHING(lock_in_turn),
	LOSES_NOTHING(lock_a_duplicate),
	LOSES(unlock_beside_fcntl, "fcntl"),
	LOSES(unlock_a_part_by_fcntl, "fcntl"),
	LOSES(unlock_by_lockf, "fcntl"),
	LOSES_NOTHING(fcntl_before_flock),
	LOSES_NOTHING(fcntl_on_another_file),
	LOSES_NOTHING(lock_what_was_given),
	LOSES_NOTHING(lock_and_close_the_streams),
	LOSES_NOTHING(unlock_what_was_given),
	{ NULL, NULL, NULL, NULL },
};

static bool needs_another(const struct act *act)
{
	return act->run == lock_what_was_given || act->run == lock_and_close_the_streams ||
	       act->run == unlock_what_was_given;
}

static void test_preload_posix_names_what_it_loses(void **state)
{
	const struct act *act;

	for (act = acts; act->name; act++)
		if (!needs_another(act))
			assert_act(act, *state, NULL);
}

/* The cure that each line names. */
static void test_preload_ofd_loses_none_of_it(void **state)
{
	const struct act *act;
	struct act cured;

	for (act = acts; act->name; act++) {
		cured = *act;
		cured.set = OFD;
		cured.hazard = NULL;
		if (!needs_another(act))
			assert_act(&cured, *state, NULL);
	}
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		place_test(test_preload_posix_names_what_it_loses),
		place_test(test_preload_ofd_loses_none_of_it),
	};

	act_main(argc, argv, acts);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
