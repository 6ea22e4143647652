/* SPDX-License-Identifier: MIT
 * What an unlock lets go of: the lock that flock took, whatever the file is called by then, and no
 * lock that the program took itself. */
#include "tests/preload/common.h"

#define INHERITED 200

struct names {
	char lock[128], lick[128];
};

static struct names names_in(const char *directory)
{
	struct names names;

	snprintf(names.lock, sizeof names.lock, "%s/a.lock", directory);
	snprintf(names.lick, sizeof names.lick, "%s/a.lick", directory);
	return names;
}

static void unlock_inherited(const struct place *place)
{
	(void)place;
	assert_int_equal(flock(INHERITED, LOCK_UN), 0);
}

static void rename_then_exec(const struct place *place)
{
	const struct names names = names_in(place->directory);
	char number[] = "unlock inherited", directory[64], program[4096] = "";
	const char *words[] = { program, number, directory, NULL }, *const *argv = runnable(words);
	int fd = must_open(names.lock, O_RDWR | O_CREAT), status;
	pid_t pid;

	strcpy(directory, place->directory);
	assert_true(readlink("/proc/self/exe", program, sizeof program - 1) > 0);
	assert_int_equal(dup2(fd, INHERITED), INHERITED);
	assert_int_equal(flock(fd, LOCK_EX | LOCK_NB), 0);
	assert_held(names.lock, LOCK_EX);
	assert_int_equal(rename(names.lock, names.lick), 0);
	pid = fork();
	if (!pid) {
		execv(argv[0], (char **)(uintptr_t)argv);
		_exit(127);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_free(names.lick);
}

static const char *lock_rule(const struct place *place, const char *below)
{
	return policy_of(place, "[rule a]\npath = %s%s/*.lock\nflock = ofd\n", place->directory,
			 below);
}

static void test_preload_rename_then_unlock_in_another_program(void **state)
{
	assert_scenario("rename, exec", *state, lock_rule(*state, ""), NULL);
}

/* Locks in DIRECTORY, renames, and lets go through a duplicate; with an upgrade after the rename
 * too. */
static void rename_then_unlock(const char *directory)
{
	const struct names names = names_in(directory);
	int fd = must_open(names.lock, O_RDWR | O_CREAT), twin = dup(fd);

	assert_int_equal(flock(fd, LOCK_EX | LOCK_NB), 0);
	assert_held(names.lock, LOCK_EX);
	assert_int_equal(rename(names.lock, names.lick), 0);
	assert_int_equal(flock(twin, LOCK_UN), 0);
	assert_free(names.lick);
	assert_int_equal(rename(names.lick, names.lock), 0);
	assert_int_equal(flock(fd, LOCK_SH | LOCK_NB), 0);
	assert_int_equal(rename(names.lock, names.lick), 0);
	assert_int_equal(flock(fd, LOCK_EX | LOCK_NB), 0);
	assert_int_equal(flock(fd, LOCK_UN), 0);
	assert_free(names.lick);
}

static void rename_here(const struct place *place)
{
	rename_then_unlock(place->directory);
}

/* ramfs knows no time of birth. */
static void rename_on_ramfs(const struct place *place)
{
	char at[128];

	snprintf(at, sizeof at, "%s/mount", place->directory);
	mount_new("ramfs", at);
	rename_then_unlock(at);
}

static void test_preload_rename_then_unlock(void **state)
{
	assert_scenario("rename", *state, lock_rule(*state, ""), NULL);
}

static void test_preload_rename_then_unlock_without_a_time_of_birth(void **state)
{
	need_mounts();
	assert_scenario("rename on ramfs", *state, lock_rule(*state, "/mount"), NULL);
}

static void own_ofd_lock(const struct place *place)
{
	struct flock record = { .l_type = F_WRLCK };
	int fd = must_open(place->file, O_RDWR);

	assert_int_equal(fcntl(fd, F_OFD_SETLK, &record), 0);
	assert_int_equal(flock(fd, LOCK_UN), 0);
	assert_int_equal(outsider_try(place->file, BY_OFD, LOCK_EX), EAGAIN);
}

static void test_preload_unlock_leaves_the_programs_own_lock(void **state)
{
	assert_scenario("own OFD lock", *state, lock_rule(*state, ""), NULL);
}

int main(int argc, char **argv)
{
	const struct scenario scenarios[] = {
		{ "rename, exec", rename_then_exec },
		{ "unlock inherited", unlock_inherited },
		{ "rename", rename_here },
		{ "rename on ramfs", rename_on_ramfs },
		{ "own OFD lock", own_ofd_lock },
		{ NULL, NULL },
	};
	const struct CMUnitTest tests[] = {
		place_test(test_preload_rename_then_unlock_in_another_program),
		place_test(test_preload_rename_then_unlock),
		place_test(test_preload_rename_then_unlock_without_a_time_of_birth),
		place_test(test_preload_unlock_leaves_the_programs_own_lock),
	};

	scenario_main(argc, argv, scenarios);
	return cmocka_run_group_tests(tests, own_mounts, NULL);
}
