/* SPDX-License-Identifier: MIT
 * Numbers that changed their file unseen: what was noted of the old file decides nothing. */
#include "tests/preload/common.h"

#include <dirent.h>
#include <pthread.h>
#include <sys/syscall.h>

#define ROUNDS 20000
#define TARGET 60

/* An outsider's flock is refused beside LOCK_SH on the directory, and granted after LOCK_UN. */
static void assert_locked_natively(const struct place *place, int directory)
{
	assert_int_equal(flock(directory, LOCK_SH), 0);
	assert_int_equal(outsider_try(place->directory, BY_FLOCK, LOCK_EX), EAGAIN);
	assert_int_equal(flock(directory, LOCK_UN), 0);
	assert_int_equal(outsider_try(place->directory, BY_FLOCK, LOCK_EX), 0);
}

static int lock_file(const struct place *place)
{
	int fd = must_open(place->file, O_RDWR);

	assert_int_equal(flock(fd, LOCK_EX), 0);
	return fd;
}

static void directory_on(const struct place *place, int number)
{
	int fd = must_open(place->directory, O_RDONLY | O_DIRECTORY);

	assert_int_equal(fd, number);
	assert_locked_natively(place, fd);
	assert_free(place->file);
	close(fd);
}

static void test_preload_number_closed_by_system_call(void **state)
{
	int fd = lock_file(*state);

	syscall(SYS_close, fd);
	directory_on(*state, fd);
}

static void test_preload_number_closed_by_raw_close_range(void **state)
{
#ifdef SYS_close_range
	int fd = lock_file(*state);

	if (syscall(SYS_close_range, (unsigned)fd, (unsigned)fd, 0))
		skip();
	directory_on(*state, fd);
#else
	(void)state;
	skip();
#endif
}

static void test_preload_number_reopened_by_freopen(void **state)
{
	const struct place *place = *state;
	FILE *stream = fopen(place->file, "r+e");
	int number;

	assert_non_null(stream);
	number = fileno(stream);
	assert_int_equal(flock(number, LOCK_EX), 0);
	stream = freopen(place->directory, "re", stream);
	assert_non_null(stream);
	assert_int_equal(fileno(stream), number);
	assert_locked_natively(place, number);
	fclose(stream);
}

/* An unlock through a number that was a locked directory's, of a description locked as a file. */
static void unlock_on_a_directorys_number(const struct place *place)
{
	DIR *directory = opendir(place->directory);
	int number, fd, twin;

	assert_non_null(directory);
	number = dirfd(directory);
	assert_int_equal(flock(number, LOCK_EX), 0);
	fd = lock_file(place);
	closedir(directory);
	twin = dup(fd);
	assert_int_equal(twin, number);
	assert_held(place->file, LOCK_EX);
	assert_int_equal(flock(twin, LOCK_UN), 0);
	assert_free(place->file);
	close(twin);
	close(fd);
}

static void test_preload_number_left_by_closedir(void **state)
{
	unlock_on_a_directorys_number(*state);
}

static void closedir_in_the_mount(const struct place *place)
{
	struct place inner;

	snprintf(inner.directory, sizeof inner.directory, "%.50s/mount", place->directory);
	snprintf(inner.file, sizeof inner.file, "%s/file", inner.directory);
	close(must_open(inner.file, O_RDWR | O_CREAT));
	unlock_on_a_directorys_number(&inner);
}

static void test_preload_number_left_by_closedir_under_a_filesystem_rule(void **state)
{
	const struct place *place = *state;
	char at[128];

	snprintf(at, sizeof at, "%s/mount", place->directory);
	mount_new("tmpfs", at);
	assert_scenario("closedir", place,
			policy_of(place, "[rule a]\nfilesystem = %s\nflock = ofd\n", at), NULL);
}

struct racing {
	pthread_barrier_t start, done;
};

static void *lock_target(void *argument)
{
	struct racing *racing = argument;
	int i;

	for (i = 0; i < ROUNDS; i++) {
		pthread_barrier_wait(&racing->start);
		flock(TARGET, LOCK_EX | LOCK_NB);
		pthread_barrier_wait(&racing->done);
	}
	return NULL;
}

/* The moment of the dup2 is moved over the other thread's call, round by round. */
static void replace_target(int directory, int round)
{
	volatile int turns = round % 997;

	while (turns > 0)
		turns = turns - 1;
	dup2(directory, TARGET);
}

static void test_preload_dup2_over_a_number_that_is_being_locked(void **state)
{
	const struct place *place = *state;
	int directory = must_open(place->directory, O_RDONLY | O_DIRECTORY), i;
	int other = must_open(place->directory, O_RDONLY | O_DIRECTORY), lost = 0;
	int file = must_open(place->file, O_RDWR);
	struct racing racing;
	pthread_t thread;

	pthread_barrier_init(&racing.start, NULL, 2);
	pthread_barrier_init(&racing.done, NULL, 2);
	assert_int_equal(pthread_create(&thread, NULL, lock_target, &racing), 0);
	for (i = 0; i < ROUNDS; i++) {
		dup2(file, TARGET);
		pthread_barrier_wait(&racing.start);
		replace_target(directory, i);
		pthread_barrier_wait(&racing.done);
		lost += flock(TARGET, LOCK_SH) ||
			outsider_call(other, BY_FLOCK, LOCK_EX, false) == 0;
		outsider_call(other, BY_FLOCK, LOCK_UN, false);
		outsider_call(directory, BY_FLOCK, LOCK_UN, false);
	}
	pthread_join(thread, NULL);
	assert_int_equal(lost, 0);
	close(TARGET);
	close(file);
	close(other);
	close(directory);
}

int main(int argc, char **argv)
{
	const struct scenario scenarios[] = {
		{ "closedir", closedir_in_the_mount },
		{ NULL, NULL },
	};
	const struct CMUnitTest tests[] = {
		place_test(test_preload_number_closed_by_system_call),
		place_test(test_preload_number_closed_by_raw_close_range),
		place_test(test_preload_number_reopened_by_freopen),
		place_test(test_preload_number_left_by_closedir),
		place_test(test_preload_number_left_by_closedir_under_a_filesystem_rule),
		place_test(test_preload_dup2_over_a_number_that_is_being_locked),
	};

	scenario_main(argc, argv, scenarios);
	return cmocka_run_group_tests(tests, own_mounts, NULL);
}
