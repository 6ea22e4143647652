/* SPDX-License-Identifier: MIT
 * What ofd = posix loses is told by the names that flock = posix has for it. */
#include "tests/preload/hazard_acts.h"
#include "tests/preload/parts.h"

static int locked(const struct place *place, off_t start, off_t length)
{
	int fd = must_open(place->file, O_RDWR);

	assert_int_equal(record(fd, F_OFD_SETLK, F_WRLCK, start, length), 0);
	return fd;
}

static void unlock(int fd, off_t start, off_t length)
{
	assert_int_equal(record(fd, F_OFD_SETLK, F_UNLCK, start, length), 0);
}

static void close_another(const struct place *place)
{
	(void)locked(place, 10, 10);
	close(must_open(place->file, O_RDONLY));
}

static void close_another_beside_a_part(const struct place *place)
{
	unlock(locked(place, 0, 0), 10, 10);
	close(must_open(place->file, O_RDONLY));
}

static void close_another_after_unlock(const struct place *place)
{
	unlock(locked(place, 10, 10), 0, 0);
	close(must_open(place->file, O_RDONLY));
}

static void close_what_was_locked(const struct place *place)
{
	close(locked(place, 10, 10));
}

static void fork_with(const struct place *place, bool unlocked)
{
	int fd = locked(place, 10, 10);
	pid_t pid;

	if (unlocked)
		unlock(fd, 0, 0);
	pid = fork();
	assert_return_code(pid, errno);
	if (!pid)
		_exit(0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
}

static void fork_with_a_lock(const struct place *place)
{
	fork_with(place, false);
}

static void fork_without_a_lock(const struct place *place)
{
	fork_with(place, true);
}

static void lock_the_same(const struct place *place)
{
	int other = must_open(place->file, O_RDWR);

	(void)locked(place, 0, 20);
	(void)record(other, F_OFD_SETLK, F_RDLCK, 10, 20);
}

static void lock_another_part(const struct place *place)
{
	(void)locked(place, 0, 20);
	(void)locked(place, 20, 20);
}

static void unlock_beside_fcntl(const struct place *place)
{
	int fd = locked(place, 0, 20), other = must_open(place->file, O_RDWR);

	assert_int_equal(record(other, F_SETLK, F_WRLCK, 40, 20), 0);
	unlock(fd, 0, 0);
}

static void unlock_by_fcntl(const struct place *place)
{
	int fd = locked(place, 0, 20);

	assert_int_equal(record(fd, F_SETLK, F_UNLCK, 0, 10), 0);
}

static void unlock_its_parts(const struct place *place)
{
	int fd = locked(place, 0, 20);

	unlock(fd, 5, 5);
	unlock(fd, 0, 0);
	assert_int_equal(record(fd, F_SETLK, F_WRLCK, 0, 0), 0);
	assert_int_equal(record(fd, F_SETLK, F_UNLCK, 0, 0), 0);
}

#define ACT(act, hazard)                                                                           \
	{                                                                                          \
#act, act, "LOCKSHIM_SET=ofd=posix", hazard                                        \
	}

static const struct act acts[] = {
	ACT(close_another, "close"),           ACT(close_another_beside_a_part, "close"),
	ACT(close_another_after_unlock, NULL), ACT(close_what_was_locked, NULL),
	ACT(fork_with_a_lock, "fork"),         ACT(fork_without_a_lock, NULL),
	ACT(lock_the_same, "same-process"),    ACT(lock_another_part, NULL),
	ACT(unlock_beside_fcntl, "fcntl"),     ACT(unlock_by_fcntl, "fcntl"),
	ACT(unlock_its_parts, NULL),           { NULL, NULL, NULL, NULL },
};

static void test_preload_ofd_as_posix_names_what_it_loses(void **state)
{
	assert_acts(acts, *state);
}

/* The cure that each line names. */
static void test_preload_ofd_that_passes_loses_none_of_it(void **state)
{
	assert_acts_cured(acts, *state, "LOCKSHIM_SET=ofd=pass");
}

int main(int argc, char **argv)
{
	const struct act *const tables[] = { acts, NULL };
	const struct CMUnitTest tests[] = {
		place_test(test_preload_ofd_as_posix_names_what_it_loses),
		place_test(test_preload_ofd_that_passes_loses_none_of_it),
	};

	act_main(argc, argv, tables);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
