/* SPDX-License-Identifier: MIT
 * Families that meet between two processes are told by name; what each does by itself is not. */
#include "tests/preload/hazard_acts.h"
#include "tests/preload/parts.h"

#include <signal.h>

#define OFD "LOCKSHIM_SET=flock=ofd"
#define BOTH "LOCKSHIM_SET=flock=both"
#define RANGES "LOCKSHIM_SET=flock=ofd;fcntl=ofd"
#define NOTHING "LOCKSHIM_SET="

static void flock_while_held(const struct place *place, enum outsider_family by)
{
	struct outsider holder = outsider_hold(place->file, by, LOCK_EX);
	int fd = must_open(place->file, O_RDWR);

	(void)flock(fd, LOCK_EX | LOCK_NB);
	(void)flock(fd, LOCK_SH | LOCK_NB);
	outsider_stop(&holder);
}

static void flock_meets_posix(const struct place *place)
{
	flock_while_held(place, BY_POSIX);
}

static void flock_meets_ofd(const struct place *place)
{
	flock_while_held(place, BY_OFD);
}

static void flock_meets_flock(const struct place *place)
{
	flock_while_held(place, BY_FLOCK);
}

static void fcntl_while_held(const struct place *place, enum outsider_family by)
{
	struct outsider holder = outsider_hold(place->file, by, LOCK_EX);
	int fd = must_open(place->file, O_RDWR);

	assert_int_equal(record(fd, F_SETLK, F_RDLCK, 5, 10), by == BY_FLOCK ? 0 : -1);
	outsider_stop(&holder);
}

static void fcntl_meets_flock(const struct place *place)
{
	fcntl_while_held(place, BY_OFD);
}

static void fcntl_meets_posix(const struct place *place)
{
	fcntl_while_held(place, BY_POSIX);
}

static void lockf_meets_flock(const struct place *place)
{
	struct outsider holder = outsider_hold(place->file, BY_OFD, LOCK_EX);

	assert_int_equal(lockf(must_open(place->file, O_RDWR), F_TLOCK, 0), -1);
	outsider_stop(&holder);
}

/* The only kind of OFD lock that flock never becomes. */
static void fcntl_meets_a_range(const struct place *place)
{
	int ends[2], fd = must_open(place->file, O_RDWR);
	char word;
	pid_t pid;

	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	pid = fork();
	assert_return_code(pid, errno);
	if (!pid) {
		if (raw_record(place->file, F_OFD_SETLK, F_WRLCK, 0, 100) ||
		    write(ends[1], "y", 1) != 1)
			_exit(1);
		pause();
	}
	assert_int_equal(read(ends[0], &word, 1), 1);
	assert_int_equal(record(fd, F_SETLK, F_WRLCK, 5, 10), -1);
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
}

static _Noreturn void hold_both(const char *path, int ready)
{
	int fd = must_open(path, O_RDWR);

	if (record(fd, F_SETLK, F_WRLCK, 0, 0) || flock(fd, LOCK_EX) || write(ready, "y", 1) != 1)
		_exit(1);
	for (;;)
		pause();
}

/* Natively each of the two is refused as well. */
static void both_meet_who_holds_both(const struct place *place)
{
	int ends[2], fd;
	char word;
	pid_t pid;

	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	pid = fork();
	assert_return_code(pid, errno);
	if (!pid)
		hold_both(place->file, ends[1]);
	assert_int_equal(read(ends[0], &word, 1), 1);
	fd = must_open(place->file, O_RDWR);
	assert_int_equal(flock(fd, LOCK_EX | LOCK_NB), -1);
	assert_int_equal(record(fd, F_SETLK, F_WRLCK, 0, 10), -1);
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
}

#define ACT(set, act, hazard)                                                                      \
	{                                                                                          \
#act, act, set, hazard                                                             \
	}

static const struct act meetings[] = {
	ACT(OFD, flock_meets_posix, "families-meet"),
	ACT(BOTH, flock_meets_posix, "families-meet"),
	ACT(NOTHING, flock_meets_posix, NULL),
	ACT(OFD, flock_meets_ofd, NULL),
	ACT(OFD, flock_meets_flock, NULL),
	ACT(BOTH, flock_meets_flock, NULL),
	ACT(OFD, fcntl_meets_flock, "families-meet"),
	ACT(RANGES, fcntl_meets_flock, "families-meet"),
	ACT(OFD, lockf_meets_flock, "families-meet"),
	ACT(RANGES, lockf_meets_flock, "families-meet"),
	ACT(NOTHING, fcntl_meets_flock, NULL),
	ACT(OFD, fcntl_meets_posix, NULL),
	ACT(RANGES, fcntl_meets_posix, NULL),
	ACT(OFD, both_meet_who_holds_both, NULL),
	ACT(BOTH, both_meet_who_holds_both, NULL),
	ACT(OFD, fcntl_meets_a_range, NULL),
	ACT(RANGES, fcntl_meets_a_range, NULL),
	{ NULL, NULL, NULL, NULL },
};

static void test_preload_families_that_meet_are_named(void **state)
{
	assert_acts(meetings, *state);
}

/* Its flock is no other's matter. */
static void test_preload_files_of_no_rule_meet_nothing(void **state)
{
	const struct act act = ACT(NOTHING, fcntl_meets_flock, NULL);
	const char *policy =
		policy_of(*state, "[rule r]\npath = /srv/**\nflock = ofd\nfcntl = pass\n");

	assert_act(&act, *state, policy);
}

int main(int argc, char **argv)
{
	const struct act *const tables[] = { meetings, NULL };
	const struct CMUnitTest tests[] = {
		place_test(test_preload_families_that_meet_are_named),
		place_test(test_preload_files_of_no_rule_meet_nothing),
	};

	act_main(argc, argv, tables);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
