/* SPDX-License-Identifier: MIT
 * The table of what flock means, row by row: the same bare and under the shim. */
#include "tests/preload/common.h"

static void test_preload_second_description_conflicts(void **state)
{
	const struct place *place = *state;
	int one = must_open(place->file, O_RDWR), two = must_open(place->file, O_RDWR);

	assert_int_equal(flock(one, LOCK_EX), 0);
	assert_int_equal(flock(two, LOCK_SH | LOCK_NB), -1);
	assert_int_equal(errno, EWOULDBLOCK);
	assert_int_equal(flock(one, LOCK_UN), 0);
	assert_int_equal(flock(two, LOCK_SH | LOCK_NB), 0);
	close(one);
	close(two);
}

static void test_preload_close_of_another_descriptor_keeps(void **state)
{
	const struct place *place = *state;
	int fd = must_open(place->file, O_RDWR);

	assert_int_equal(flock(fd, LOCK_EX), 0);
	close(must_open(place->file, O_RDWR));
	close(dup(fd));
	assert_held(place->file, LOCK_EX);
	close(fd);
	assert_free(place->file);
}

static void test_preload_child_holds_after_parent_closes(void **state)
{
	const struct place *place = *state;
	int fd = must_open(place->file, O_RDWR), go[2];
	char word;
	pid_t pid;

	assert_int_equal(pipe(go), 0);
	assert_int_equal(flock(fd, LOCK_EX), 0);
	pid = fork();
	if (!pid) {
		close(go[1]);
		_exit((int)read(go[0], &word, 1));
	}
	close(fd);
	assert_held(place->file, LOCK_EX);
	close(go[1]);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_free(place->file);
	close(go[0]);
}

static void test_preload_unlock_in_child_releases(void **state)
{
	const struct place *place = *state;
	int fd = must_open(place->file, O_RDWR), status;
	pid_t pid;

	assert_int_equal(flock(fd, LOCK_EX), 0);
	pid = fork();
	if (!pid)
		_exit(flock(fd, LOCK_UN) ? 1 : 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_free(place->file);
	close(fd);
}

static void test_preload_unlock_through_a_duplicate_releases(void **state)
{
	const struct place *place = *state;
	int fd = must_open(place->file, O_RDWR), twin = dup(fd);

	assert_int_equal(flock(fd, LOCK_EX), 0);
	assert_int_equal(flock(twin, LOCK_UN), 0);
	assert_free(place->file);
	close(fd);
	close(twin);
}

/* A lock taken by one program and let go by another: `( flock 9; …; flock -u 9 ) 9>file`. */
static void test_preload_lock_is_kept_across_exec(void **state)
{
	const struct place *place = *state;
	char number[16], output[1024];
	const char *lock[] = { PROBE, "lock", number, NULL };
	const char *unlock[] = { PROBE, "unlock", number, NULL };
	int fd = open(place->file, O_RDWR);

	assert_return_code(fd, errno);
	snprintf(number, sizeof number, "%d", fd);
	assert_int_equal(run_with(lock, NULL, output, sizeof output), 0);
	assert_held(place->file, LOCK_EX);
	assert_int_equal(run_with(unlock, NULL, output, sizeof output), 0);
	assert_free(place->file);
	close(fd);
}

/* Taken natively before the shim was there: an unlock under the shim still lets go of it. */
static void test_preload_unlock_of_a_lock_taken_natively(void **state)
{
	const struct place *place = *state;
	int fd = must_open(place->file, O_RDWR);

	assert_int_equal(outsider_call(fd, BY_FLOCK, LOCK_EX, false), 0);
	assert_int_equal(outsider_try(place->file, BY_FLOCK, LOCK_EX), EAGAIN);
	assert_int_equal(flock(fd, LOCK_UN | LOCK_NB), 0);
	assert_free(place->file);
	close(fd);
}

/* The same after a request of this process that was refused. */
static void test_preload_unlock_of_a_native_lock_after_a_refusal(void **state)
{
	const struct place *place = *state;
	int fd = must_open(place->file, O_RDWR);
	struct outsider holder;

	if (!shimmed())
		skip();
	holder = outsider_hold(place->file, BY_POSIX, LOCK_EX);
	assert_int_equal(outsider_call(fd, BY_FLOCK, LOCK_EX, false), 0);
	assert_int_equal(flock(fd, LOCK_EX | LOCK_NB), -1);
	assert_int_equal(errno, EWOULDBLOCK);
	assert_int_equal(flock(fd, LOCK_UN), 0);
	outsider_stop(&holder);
	assert_free(place->file);
	close(fd);
}

/* Each of two holders of LOCK_SH asks for LOCK_EX: both get it, one after the other. */
static int upgrade_and_let_go(const char *path, int ready, int go)
{
	int fd = open(path, O_RDWR);
	char word;

	if (flock(fd, LOCK_SH) || write(ready, "r", 1) != 1 || read(go, &word, 1) != 1)
		return 1;
	if (flock(fd, LOCK_EX))
		return 2;
	return flock(fd, LOCK_UN) ? 3 : 0;
}

static void test_preload_two_shared_holders_both_upgrade(void **state)
{
	const struct place *place = *state;
	int ready[2], go[2], status, i;
	char words[2];
	pid_t pids[2];

	assert_int_equal(pipe(ready) | pipe(go), 0);
	for (i = 0; i < 2; i++) {
		pids[i] = fork();
		if (!pids[i])
			_exit(upgrade_and_let_go(place->file, ready[1], go[0]));
	}
	for (i = 0; i < 2; i++)
		assert_int_equal(read(ready[0], &words[i], 1), 1);
	assert_int_equal(write(go[1], "gg", 2), 2);
	for (i = 0; i < 2; i++) {
		assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
		assert_int_equal(status, 0);
	}
	for (i = 0; i < 2; i++) {
		close(ready[i]);
		close(go[i]);
	}
}

static void test_preload_failed_upgrade_has_lost_the_shared_lock(void **state)
{
	const struct place *place = *state;
	int one = must_open(place->file, O_RDWR), two = must_open(place->file, O_RDWR);

	assert_int_equal(flock(one, LOCK_SH), 0);
	assert_int_equal(flock(two, LOCK_SH), 0);
	assert_int_equal(flock(one, LOCK_EX | LOCK_NB), -1);
	assert_int_equal(errno, EWOULDBLOCK);
	assert_int_equal(flock(two, LOCK_EX | LOCK_NB), 0);
	close(one);
	close(two);
}

static void test_preload_repeated_request_is_granted(void **state)
{
	const struct place *place = *state;
	int fd = must_open(place->file, O_RDWR);

	assert_int_equal(flock(fd, LOCK_EX), 0);
	assert_int_equal(flock(fd, LOCK_EX | LOCK_NB), 0);
	assert_held(place->file, LOCK_EX);
	assert_int_equal(flock(fd, LOCK_UN | LOCK_NB), 0);
	assert_int_equal(flock(fd, LOCK_UN), 0);
	assert_free(place->file);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		place_test(test_preload_second_description_conflicts),
		place_test(test_preload_close_of_another_descriptor_keeps),
		place_test(test_preload_child_holds_after_parent_closes),
		place_test(test_preload_unlock_in_child_releases),
		place_test(test_preload_unlock_through_a_duplicate_releases),
		place_test(test_preload_lock_is_kept_across_exec),
		place_test(test_preload_unlock_of_a_lock_taken_natively),
		place_test(test_preload_unlock_of_a_native_lock_after_a_refusal),
		place_test(test_preload_two_shared_holders_both_upgrade),
		place_test(test_preload_failed_upgrade_has_lost_the_shared_lock),
		place_test(test_preload_repeated_request_is_granted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
