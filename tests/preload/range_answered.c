/* SPDX-License-Identifier: MIT
 * fcntl = succeed|fail and ofd = succeed|fail: what is answered without asking for a lock, and
 * what the kernel still says. */
#include "tests/preload/parts.h"

/* A family's calls, and what the scenario's rule makes of them. */
struct family {
	int set, wait, get;
	bool has_lockf;
};
static const struct family fcntl_calls = { F_SETLK, F_SETLKW, F_GETLK, true };
static const struct family ofd_calls = { F_OFD_SETLK, F_OFD_SETLKW, F_OFD_GETLK, false };

static int refused_with(int result)
{
	return result ? errno : 0;
}

static int error_of(int fd, int command, const struct flock *record)
{
	struct flock copy = *record;

	return refused_with(fcntl(fd, command, &copy));
}

/* The answer in the kernel's place: a lock that would be granted, and one that would wait. */
static void assert_answered(const struct place *place, const struct family *family, int answer)
{
	int fd = must_open(place->file, O_RDWR);
	struct outsider holder;

	assert_int_equal(refused_with(record(fd, family->set, F_WRLCK, 0, 10)), answer);
	assert_int_equal(refused_with(record(fd, family->wait, F_RDLCK, 20, 0)), answer);
	if (family->has_lockf) {
		assert_int_equal(refused_with(lockf(fd, F_TLOCK, 10)), answer);
		assert_int_equal(refused_with(lockf(fd, F_LOCK, 0)), answer);
	}
	assert_free(place->file);
	holder = outsider_hold(place->file, BY_POSIX, LOCK_EX);
	assert_int_equal(refused_with(record(fd, family->set, F_WRLCK, 0, 0)), answer);
	assert_int_equal(refused_with(record(fd, family->wait, F_WRLCK, 0, 0)), answer);
	if (family->has_lockf)
		assert_int_equal(refused_with(lockf(fd, F_LOCK, 0)), answer);
	outsider_stop(&holder);
	close(fd);
}

static void assert_errors_are_the_kernels(const struct place *place, const struct family *family)
{
	const struct flock plain = { .l_type = F_WRLCK },
			   whence = { .l_type = F_WRLCK, .l_whence = 9 };
	const struct flock type = { .l_type = 9 }, start = { .l_type = F_WRLCK, .l_start = -1 };
	const struct flock over = { .l_type = F_WRLCK, .l_start = INT64_MAX, .l_len = 2 };
	int fd = must_open(place->file, O_RDWR), read_only = must_open(place->file, O_RDONLY);

	assert_int_equal(error_of(987, family->set, &plain), EBADF);
	assert_int_equal(error_of(987, family->wait, &plain), EBADF);
	assert_int_equal(error_of(read_only, family->set, &plain), EBADF);
	assert_int_equal(error_of(fd, family->set, &whence), EINVAL);
	assert_int_equal(error_of(fd, family->set, &type), EINVAL);
	assert_int_equal(error_of(fd, family->set, &start), EINVAL);
	assert_int_equal(error_of(fd, family->set, &over), EOVERFLOW);
	assert_int_equal(refused_with(fcntl(fd, family->set, NULL)), EFAULT);
	if (family->has_lockf) {
		assert_int_equal(refused_with(lockf(987, F_LOCK, 0)), EBADF);
		assert_int_equal(refused_with(lockf(read_only, F_TLOCK, 0)), EBADF);
		assert_int_equal(refused_with(lockf(fd, 77, 0)), EINVAL);
		assert_int_equal(refused_with(lockf(fd, F_TLOCK, -1)), EINVAL);
	}
	close(read_only);
	close(fd);
}

/* What came with exec, or from before the rule, can be let go of; a question is the kernel's. */
static void assert_unlock_and_question_are_made(const struct place *place,
						const struct family *family)
{
	int fd = must_open(place->file, O_RDWR);
	struct flock held = { .l_type = F_WRLCK, .l_start = 0, .l_len = 10 }, question = held;
	struct outsider holder;

	assert_int_equal(
		syscall(RAW_FCNTL, fd, family == &ofd_calls ? F_OFD_SETLK : RAW_SETLK, &held), 0);
	assert_int_equal(outsider_range(place->file, F_OFD_SETLK, F_RDLCK, 0, 1), EAGAIN);
	assert_int_equal(record(fd, family->set, F_UNLCK, 0, 10), 0);
	assert_free(place->file);
	holder = outsider_hold(place->file, BY_POSIX, LOCK_EX);
	assert_int_equal(fcntl(fd, family->get, &question), 0);
	assert_int_equal(question.l_type, F_WRLCK);
	assert_int_equal(question.l_pid, holder.pid);
	outsider_stop(&holder);
	close(fd);
}

/* The rule is about the other calls. */
static void assert_untouched(const struct place *place, const struct family *family)
{
	int fd = must_open(place->file, O_RDWR);

	assert_int_equal(record(fd, family->set, F_WRLCK, 0, 0), 0);
	assert_int_equal(outsider_try(place->file, BY_OFD, LOCK_SH), EAGAIN);
	assert_int_equal(record(fd, family->set, F_UNLCK, 0, 0), 0);
	assert_int_equal(flock(fd, LOCK_EX | LOCK_NB), 0);
	assert_int_equal(outsider_try(place->file, BY_FLOCK, LOCK_SH), EAGAIN);
	close(fd);
}

static void run_rule(const struct place *place, const struct family *answered,
		     const struct family *other, int answer)
{
	assert_answered(place, answered, answer);
	assert_errors_are_the_kernels(place, answered);
	assert_unlock_and_question_are_made(place, answered);
	assert_untouched(place, other);
}

static void run_fcntl_succeeds(const struct place *place)
{
	run_rule(place, &fcntl_calls, &ofd_calls, 0);
}

static void run_fcntl_fails(const struct place *place)
{
	run_rule(place, &fcntl_calls, &ofd_calls, ENOLCK);
}

static void run_ofd_succeeds(const struct place *place)
{
	run_rule(place, &ofd_calls, &fcntl_calls, 0);
}

static void run_ofd_fails(const struct place *place)
{
	run_rule(place, &ofd_calls, &fcntl_calls, EOPNOTSUPP);
}

static const struct scenario scenarios[] = {
	{ "fcntl-succeeds", run_fcntl_succeeds },
	{ "fcntl-fails", run_fcntl_fails },
	{ "ofd-succeeds", run_ofd_succeeds },
	{ "ofd-fails", run_ofd_fails },
	{ NULL, NULL },
};

static void run_under(const char *scenario, const struct place *place, const char *actions)
{
	if (!shimmed())
		skip();
	assert_scenario(scenario, place, policy_of(place, "[rule it]\n%s\n", actions), NULL);
}

static void test_preload_fcntl_that_succeeds_takes_no_lock(void **state)
{
	run_under("fcntl-succeeds", *state, "fcntl = succeed\nunsafe = yes");
}

static void test_preload_fcntl_that_fails_takes_no_lock(void **state)
{
	run_under("fcntl-fails", *state, "fcntl = fail");
}

static void test_preload_ofd_calls_that_succeed_take_no_lock(void **state)
{
	run_under("ofd-succeeds", *state, "ofd = succeed\nunsafe = yes");
}

static void test_preload_ofd_calls_that_fail_take_no_lock(void **state)
{
	run_under("ofd-fails", *state, "ofd = fail\nfail-errno = EOPNOTSUPP");
}

/* What the rules change is nothing that the kernel does. */
static void test_preload_kernel_has_these_errors(void **state)
{
	if (shimmed())
		skip();
	assert_errors_are_the_kernels(*state, &fcntl_calls);
	assert_errors_are_the_kernels(*state, &ofd_calls);
	assert_unlock_and_question_are_made(*state, &fcntl_calls);
	assert_unlock_and_question_are_made(*state, &ofd_calls);
	assert_untouched(*state, &fcntl_calls);
	assert_untouched(*state, &ofd_calls);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		place_test(test_preload_kernel_has_these_errors),
		place_test(test_preload_fcntl_that_succeeds_takes_no_lock),
		place_test(test_preload_fcntl_that_fails_takes_no_lock),
		place_test(test_preload_ofd_calls_that_succeed_take_no_lock),
		place_test(test_preload_ofd_calls_that_fail_take_no_lock),
	};

	scenario_main(argc, argv, scenarios);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
