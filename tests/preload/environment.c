/* SPDX-License-Identifier: MIT
 * The variables, and what a broken policy does: everything passes, and it is said once. An outside
 * POSIX holder tells converted from passed. */
#include "tests/preload/common.h"

#define GRANTED 0
#define REFUSED 1

static char output[4096];

/* The probe's answer under these variables, while an outsider holds a POSIX lock on its file. */
static int probe(const struct place *place, const char *set, const char *policy, const char *more)
{
	const char *argv[] = { PROBE, place->file, NULL };
	char set_variable[256], policy_variable[256];
	const char *environment[] = { set_variable, policy_variable, more, NULL };
	struct outsider holder = outsider_hold(place->file, BY_POSIX, LOCK_EX);
	int status;

	snprintf(set_variable, sizeof set_variable, "LOCKSHIM_SET=%s", set);
	snprintf(policy_variable, sizeof policy_variable, "LOCKSHIM_POLICY=%s", policy);
	status = run_with(argv, environment, output, sizeof output);
	outsider_stop(&holder);
	return shimmed() ? status : REFUSED + 1 + status;
}

/* Bare, nothing that we set means anything. */
#define assert_probe(call, expected)                                                               \
	assert_int_equal(call, shimmed() ? (expected) : REFUSED + 1 + GRANTED)

static const char *write_policy(const struct place *place, const char *text)
{
	static char path[128];
	FILE *file;

	snprintf(path, sizeof path, "%s/policy.conf", place->directory);
	file = fopen(path, "we");
	assert_non_null(file);
	fputs(text, file);
	assert_int_equal(fclose(file), 0);
	return path;
}

static void test_preload_set_alone_converts(void **state)
{
	assert_probe(probe(*state, "flock=ofd", EMPTY_POLICY, NULL), REFUSED);
	assert_probe(probe(*state, " flock = ofd ;", EMPTY_POLICY, NULL), REFUSED);
	assert_probe(probe(*state, "flock=pass", EMPTY_POLICY, NULL), GRANTED);
	assert_probe(probe(*state, "", EMPTY_POLICY, NULL), GRANTED);
	assert_string_equal(output, "");
}

static void test_preload_disable_passes(void **state)
{
	assert_probe(probe(*state, "flock=ofd", EMPTY_POLICY, "LOCKSHIM_DISABLE=1"), GRANTED);
	assert_probe(probe(*state, "flock=ofd", EMPTY_POLICY, "LOCKSHIM_DISABLE=0"), REFUSED);
	assert_probe(probe(*state, "flock=ofd", EMPTY_POLICY, "LOCKSHIM_DISABLE="), REFUSED);
	assert_probe(probe(*state, "flock=ofd", EMPTY_POLICY, "LOCKSHIM_DISABLE=yes"), REFUSED);
	if (shimmed())
		assert_non_null(strstr(output, "LOCKSHIM_DISABLE=yes"));
}

static void assert_said_once(const char *words)
{
	const char *first = strstr(output, words);

	if (!shimmed())
		return;
	if (!first)
		fail_msg("'%s' is not in: %s", words, output);
	assert_null(strstr(first + 1, words));
}

static void test_preload_broken_policy_passes_and_is_said_once(void **state)
{
	const struct place *place = *state;
	const char *path = write_policy(place, "[rule a]\nflok = ofd\n");

	assert_probe(probe(place, "flock=ofd", path, NULL), GRANTED);
	assert_said_once("policy.conf:2:1: ");
	assert_said_once("did you mean");
}

static void test_preload_broken_set_passes_and_is_said_once(void **state)
{
	assert_probe(probe(*state, "flock=odf", EMPTY_POLICY, NULL), GRANTED);
	assert_said_once("LOCKSHIM_SET:1:7: ");
	assert_probe(probe(*state, "flock=succeed", EMPTY_POLICY, NULL), GRANTED);
	assert_said_once("unsafe");
}

static void test_preload_policy_that_cannot_be_read(void **state)
{
	const struct place *place = *state;
	const char *path;

	assert_probe(probe(place, "flock=ofd", "/nonexistent/policy.conf", NULL), GRANTED);
	assert_said_once("/nonexistent/policy.conf");
	assert_probe(probe(place, "flock=ofd", "policy.conf", NULL), GRANTED);
	assert_said_once("absolute");
	assert_probe(probe(place, "flock=ofd", place->directory, NULL), GRANTED);
	assert_said_once("directory");
	path = write_policy(place, "[rule a]\nflock = ofd\n");
	assert_int_equal(chmod(path, 0666), 0);
	assert_probe(probe(place, "flock=ofd", path, NULL), GRANTED);
	assert_said_once("chmod");
}

static void test_preload_service_and_program(void **state)
{
	const struct place *place = *state;
	const char *path = write_policy(place, "[rule a]\nservice = mail*\nflock = ofd\n"
					       "[rule b]\nprogram = test_preload_probe\n"
					       "service = other\nflock = ofd\n");

	assert_probe(probe(place, "", path, NULL), GRANTED);
	assert_probe(probe(place, "", path, "LOCKSHIM_SERVICE=mailer"), REFUSED);
	assert_probe(probe(place, "", path, "LOCKSHIM_SERVICE=nail"), GRANTED);
	assert_probe(probe(place, "", path, "LOCKSHIM_SERVICE=other"), REFUSED);
}

static void test_preload_user(void **state)
{
	const struct place *place = *state;
	char text[128];

	snprintf(text, sizeof text, "[rule a]\nuser = %u\nflock = ofd\n", (unsigned)geteuid());
	assert_probe(probe(place, "", write_policy(place, text), NULL), REFUSED);
	snprintf(text, sizeof text, "[rule a]\nuser = !%u\nflock = ofd\n", (unsigned)geteuid());
	assert_probe(probe(place, "", write_policy(place, text), NULL), GRANTED);
	if (!geteuid())
		assert_probe(probe(place, "",
				   write_policy(place, "[rule a]\nuser = root\n"
						       "flock = ofd\n"),
				   NULL),
			     REFUSED);
}

static void test_preload_succeed_and_fail(void **state)
{
	const struct place *place = *state;
	const char *path = write_policy(place, "[rule a]\nflock = succeed\nunsafe = yes\n");

	assert_probe(probe(place, "", path, NULL), GRANTED);
	assert_probe(probe(place, "flock=fail", EMPTY_POLICY, NULL), 2 + ENOLCK);
	assert_probe(probe(place, "flock=fail; fail-errno=EDEADLK", EMPTY_POLICY, NULL),
		     2 + EDEADLK);
	assert_probe(probe(place, "flock=fail\nfail-errno=95", EMPTY_POLICY, NULL), 2 + 95);
}

static void test_preload_shadow_changes_nothing(void **state)
{
	const struct place *place = *state;
	const char *path = write_policy(place, "[rule a]\nflock = ofd\nshadow = yes\n");

	assert_probe(probe(place, "", path, "LOCKSHIM_DEBUG=1"), GRANTED);
	assert_said_once("shadow");
	assert_probe(probe(place, "shadow=no", path, NULL), REFUSED);
}

static void test_preload_debug_says_what_stands(void **state)
{
	const struct place *place = *state;
	const char *path = write_policy(place, "[rule mine]\nflock = ofd\n");

	assert_probe(probe(place, "", path, "LOCKSHIM_DEBUG=1"), REFUSED);
	assert_said_once("[rule mine]");
	assert_probe(probe(place, "", path, "LOCKSHIM_DEBUG=0"), REFUSED);
	assert_string_equal(output, "");
}

/* A program that puts a data file on descriptor 2 finds nothing of ours in it. */
static void test_preload_says_nothing_into_a_reused_descriptor(void **state)
{
	const struct place *place = *state;
	struct stat st;
	int status;
	pid_t pid = fork();

	if (!pid) {
		int null;

		close(2);
		if (open(place->file, O_RDWR) != 2)
			_exit(1);
		null = open("/dev/null", O_RDWR);
		_exit(flock(null, LOCK_EX) != 0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_int_equal(stat(place->file, &st), 0);
	assert_int_equal(st.st_size, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		place_test(test_preload_set_alone_converts),
		place_test(test_preload_disable_passes),
		place_test(test_preload_broken_policy_passes_and_is_said_once),
		place_test(test_preload_broken_set_passes_and_is_said_once),
		place_test(test_preload_policy_that_cannot_be_read),
		place_test(test_preload_service_and_program),
		place_test(test_preload_user),
		place_test(test_preload_succeed_and_fail),
		place_test(test_preload_shadow_changes_nothing),
		place_test(test_preload_debug_says_what_stands),
		place_test(test_preload_says_nothing_into_a_reused_descriptor),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
