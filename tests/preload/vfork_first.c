/* SPDX-License-Identifier: MIT
 * The first lock call of a process is made in its vfork child, on a number of the parent's that the
 * child gave another file: the parent's own locks are as they would be. */
#include "tests/preload/common.h"

/* The child shares our memory, and not our descriptors. */
static void lock_in_a_vfork_child(int file, int number)
{
	pid_t pid = vfork();
	int status;

	if (!pid) {
		dup2(file, number);
		_exit(flock(number, LOCK_EX) || flock(number, LOCK_UN));
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static void assert_native(const struct place *place, int directory, int operation)
{
	assert_int_equal(flock(directory, operation), 0);
	assert_int_equal(outsider_try(place->directory, BY_FLOCK, LOCK_EX), EAGAIN);
	assert_int_equal(flock(directory, LOCK_UN), 0);
	assert_int_equal(outsider_try(place->directory, BY_FLOCK, LOCK_EX), 0);
}

static void vfork_then_lock(const struct place *place)
{
	int file = must_open(place->file, O_RDWR);
	int directory = must_open(place->directory, O_RDONLY | O_DIRECTORY);

	lock_in_a_vfork_child(file, directory);
	assert_native(place, directory, LOCK_SH);
	assert_native(place, directory, LOCK_EX);
	assert_int_equal(flock(file, LOCK_EX), 0);
	assert_held(place->file, LOCK_EX);
	lock_in_a_vfork_child(directory, file);
	assert_held(place->file, LOCK_EX);
	assert_int_equal(flock(file, LOCK_UN), 0);
	assert_free(place->file);
}

static void fork_then_vfork(const struct place *place)
{
	pid_t pid = fork();
	int status;

	if (!pid) {
		vfork_then_lock(place);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static void lock_then_fork_then_vfork(const struct place *place)
{
	int file = must_open(place->file, O_RDWR);

	assert_int_equal(flock(file, LOCK_EX), 0);
	assert_int_equal(flock(file, LOCK_UN), 0);
	fork_then_vfork(place);
}

static void test_preload_first_lock_in_a_vfork_child(void **state)
{
	assert_scenario("vfork", *state, NULL, NULL);
}

static void test_preload_first_lock_in_a_vfork_child_of_a_forked_child(void **state)
{
	assert_scenario("fork, vfork", *state, NULL, NULL);
	assert_scenario("lock, fork, vfork", *state, NULL, NULL);
}

int main(int argc, char **argv)
{
	const struct scenario scenarios[] = {
		{ "vfork", vfork_then_lock },
		{ "fork, vfork", fork_then_vfork },
		{ "lock, fork, vfork", lock_then_fork_then_vfork },
		{ NULL, NULL },
	};
	const struct CMUnitTest tests[] = {
		place_test(test_preload_first_lock_in_a_vfork_child),
		place_test(test_preload_first_lock_in_a_vfork_child_of_a_forked_child),
	};

	scenario_main(argc, argv, scenarios);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
