/* SPDX-License-Identifier: MIT
 * A close drops the POSIX lock that flock = posix made: told by name where it does, and not where
 * flock's lock would go as well. */
#include "tests/preload/hazard_acts.h"
#include "tests/preload/parts.h"

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

/* By a raw call, as a library would that knows no shim. */
static void close_after_an_unseen_unlock(const struct place *place)
{
	struct flock record = { .l_type = F_UNLCK, .l_whence = SEEK_SET };

	assert_int_equal(syscall(RAW_FCNTL, locked(place), RAW_SETLK, &record), 0);
	close(must_open(place->file, O_RDWR));
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

#define ACT(act, hazard)                                                                           \
	{                                                                                          \
#act, act, "LOCKSHIM_SET=flock=posix", hazard                                      \
	}

static const struct act acts[] = {
	ACT(close_another, "close"),
	ACT(close_a_duplicate, "close"),
	ACT(close_the_original, "close"),
	ACT(dup2_over_another, "close"),
	ACT(dup3_over_another, "close"),
	ACT(fclose_another, "close"),
	ACT(close_range_of_another, "close"),
	ACT(closefrom_another, "close"),
	ACT(close_what_was_locked, NULL),
	ACT(close_after_unlock, NULL),
	ACT(close_after_an_unseen_unlock, NULL),
	ACT(close_other_files, NULL),
	ACT(fail_to_close, NULL),
	ACT(close_everything, NULL),
	{ NULL, NULL, NULL, NULL },
};

static void test_preload_closes_that_drop_a_lock_are_named(void **state)
{
	assert_acts(acts, *state);
}

static void test_preload_closes_drop_no_lock_under_ofd(void **state)
{
	assert_acts_cured(acts, *state, "LOCKSHIM_SET=flock=ofd");
}

int main(int argc, char **argv)
{
	const struct act *const tables[] = { acts, NULL };
	const struct CMUnitTest tests[] = {
		place_test(test_preload_closes_that_drop_a_lock_are_named),
		place_test(test_preload_closes_drop_no_lock_under_ofd),
	};

	act_main(argc, argv, tables);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
