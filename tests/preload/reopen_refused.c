/* SPDX-License-Identifier: MIT
 * open-mode = reopen where the stand-in could be outlived, or could not be had: EBADF, and nothing
 * of the program's is lost. Native flock grants all of it. */
#include "tests/preload/common.h"

#include <sys/resource.h>

#define INHERITED 30
#define STANDINS 64

static void assert_answer(int fd, int expected)
{
	errno = 0;
	assert_int_equal(flock(fd, LOCK_EX | LOCK_NB), shimmed() && expected ? -1 : 0);
	assert_int_equal(errno, shimmed() ? expected : 0);
}

static char inherited[128];

static void hand_down(void)
{
	dup2(open(inherited, O_RDONLY | O_CLOEXEC), INHERITED);
}

static void inherited_number(const struct place *place)
{
	assert_int_equal(fcntl(INHERITED, F_SETFD, FD_CLOEXEC), 0);
	assert_answer(INHERITED, EBADF);
	close(INHERITED);
	assert_int_equal(dup3(must_open(place->file, O_RDONLY), INHERITED, O_CLOEXEC), INHERITED);
	assert_answer(INHERITED, 0);
}

static void number_from_before_a_fork(const struct place *place)
{
	int fd = must_open(place->file, O_RDONLY), copy;

	assert_free(place->file);
	copy = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	assert_answer(fd, EBADF);
	assert_int_equal(flock(fd, LOCK_UN), 0);
	assert_answer(copy, EBADF);
	close(fd);
	close(copy);
	fd = must_open(place->file, O_RDONLY);
	assert_answer(fd, 0);
	assert_held(place->file, LOCK_EX);
}

static void number_from_the_parent(const struct place *place)
{
	int fd = must_open(place->file, O_RDONLY), status;
	pid_t pid = fork();

	if (!pid)
		_exit(flock(fd, LOCK_EX | LOCK_NB) ? errno : 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(WEXITSTATUS(status), shimmed() ? EBADF : 0);
}

static void not_close_on_exec(const struct place *place)
{
	int fd = must_open(place->file, O_RDONLY), copy;

	assert_int_equal(fcntl(fd, F_SETFD, 0), 0);
	assert_answer(fd, EBADF);
	assert_int_equal(fcntl(fd, F_SETFD, FD_CLOEXEC), 0);
	copy = dup(fd);
	assert_answer(fd, EBADF);
	close(copy);
	assert_answer(fd, 0);
}

static void beside_posix_locks(const struct place *place)
{
	struct flock record = { .l_type = F_WRLCK, .l_start = 100, .l_len = 10 };
	int other = must_open(place->file, O_RDWR), fd = must_open(place->file, O_RDONLY);

	assert_int_equal(fcntl(other, F_SETLK, &record), 0);
	assert_answer(fd, EBADF);
	assert_int_equal(outsider_try(place->file, BY_POSIX, LOCK_EX), EAGAIN);
	record.l_type = F_UNLCK;
	assert_int_equal(fcntl(other, F_SETLK, &record), 0);
	close(fd);
	assert_answer(must_open(place->file, O_RDONLY), 0);
}

static void too_many(const struct place *place)
{
	char path[128];
	int i, fds[STANDINS + 1];

	for (i = 0; i <= STANDINS; i++) {
		snprintf(path, sizeof path, "%s/many-%d", place->directory, i);
		close(must_open(path, O_RDWR | O_CREAT));
		fds[i] = must_open(path, O_RDONLY);
	}
	for (i = 0; i < STANDINS; i++)
		assert_answer(fds[i], 0);
	assert_answer(fds[STANDINS], EBADF);
	close(fds[0]);
	assert_answer(fds[STANDINS], 0);
}

static void no_number_free(const struct place *place)
{
	int fd = must_open(place->file, O_RDONLY);
	const struct rlimit limit = { (rlim_t)fd + 1, (rlim_t)fd + 1 };

	assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
	assert_answer(fd, EBADF);
}

static const struct scenario scenarios[] = {
	{ "inherited number", inherited_number },
	{ "number from before a fork", number_from_before_a_fork },
	{ "number from the parent", number_from_the_parent },
	{ "not close-on-exec", not_close_on_exec },
	{ "beside POSIX locks", beside_posix_locks },
	{ "too many", too_many },
	{ "no number free", no_number_free },
	{ NULL, NULL },
};

static void test_preload_reopen_refused(void **state)
{
	const struct place *place = *state;
	const struct scenario *scenario;

	strcpy(inherited, place->file);
	for (scenario = scenarios; scenario->name; scenario++)
		assert_scenario(scenario->name, place, "LOCKSHIM_SET=flock=ofd;open-mode=reopen",
				hand_down);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = { place_test(test_preload_reopen_refused) };

	scenario_main(argc, argv, scenarios);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
