/* SPDX-License-Identifier: MIT
 * A broken policy is said on standard error, whatever that is: the host is not killed, not held up,
 * and finds no signal pending. */
#include "tests/preload/common.h"

#include <signal.h>
#include <sys/resource.h>

#define SIZE (4 << 20)

static int stderr_for_next = -1;

static void give_stderr(void)
{
	struct rlimit none = { SIZE, SIZE };

	dup2(stderr_for_next, 2);
	if (setrlimit(RLIMIT_FSIZE, &none))
		_exit(98);
	/* It goes over exec: a host that hangs is killed, and its status differs. */
	alarm(60);
}

static void give_stderr_and_block(void)
{
	sigset_t both;

	sigemptyset(&both);
	sigaddset(&both, SIGPIPE);
	sigaddset(&both, SIGXFSZ);
	sigprocmask(SIG_BLOCK, &both, NULL);
	give_stderr();
}

/* Both end before cmocka writes to standard error itself. */
static void nothing_is_pending(const struct place *place)
{
	sigset_t pending;
	int fd = must_open(place->file, O_RDWR);

	assert_int_equal(flock(fd, LOCK_EX | LOCK_NB), 0);
	assert_int_equal(sigpending(&pending), 0);
	assert_int_equal(sigismember(&pending, SIGPIPE), 0);
	assert_int_equal(sigismember(&pending, SIGXFSZ), 0);
	_exit(0);
}

static void locks_as_bare(const struct place *place)
{
	int fd = must_open(place->file, O_RDWR);

	assert_int_equal(flock(fd, LOCK_EX | LOCK_NB), 0);
	assert_int_equal(outsider_try(place->file, BY_FLOCK, LOCK_EX), EAGAIN);
	_exit(0);
}

static void start_with_stderr(const struct place *place, int fd)
{
	const char *policy = policy_of(place, "[rule a]\nflok = ofd\n");

	stderr_for_next = fd;
	assert_scenario("locks_as_bare", place, policy, give_stderr);
	assert_scenario("nothing_is_pending", place, policy, give_stderr_and_block);
	close(fd);
}

static void test_preload_broken_policy_and_a_pipe_without_reader(void **state)
{
	int ends[2];

	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	close(ends[0]);
	start_with_stderr(*state, ends[1]);
}

static void test_preload_broken_policy_and_a_full_pipe(void **state)
{
	static const char bytes[4096];
	int ends[2];

	assert_int_equal(pipe2(ends, O_CLOEXEC | O_NONBLOCK), 0);
	while (write(ends[1], bytes, sizeof bytes) > 0)
		;
	assert_int_equal(errno, EAGAIN);
	assert_int_equal(fcntl(ends[1], F_SETFL, O_WRONLY), 0);
	start_with_stderr(*state, ends[1]);
	close(ends[0]);
}

static void test_preload_broken_policy_and_a_file_at_its_limit(void **state)
{
	const struct place *place = *state;
	char path[128];
	struct stat st;
	int fd;

	snprintf(path, sizeof path, "%s/stderr", place->directory);
	fd = must_open(path, O_RDWR | O_CREAT | O_APPEND);
	assert_int_equal(ftruncate(fd, SIZE), 0);
	start_with_stderr(place, fd);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_size, SIZE);
}

int main(int argc, char **argv)
{
	const struct scenario scenarios[] = {
		{ "locks_as_bare", locks_as_bare },
		{ "nothing_is_pending", nothing_is_pending },
		{ NULL, NULL },
	};
	const struct CMUnitTest tests[] = {
		place_test(test_preload_broken_policy_and_a_pipe_without_reader),
		place_test(test_preload_broken_policy_and_a_full_pipe),
		place_test(test_preload_broken_policy_and_a_file_at_its_limit),
	};

	scenario_main(argc, argv, scenarios);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
