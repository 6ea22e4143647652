/* SPDX-License-Identifier: MIT
 * Where a trace goes that nobody named a directory for: beside the state, or nowhere. */
#include "tests/preload/common.h"

#define need_shim()                                                                                \
	do {                                                                                       \
		if (!shimmed())                                                                    \
			skip();                                                                    \
	} while (0)

static const char *path_of(const struct place *place, const char *name)
{
	static char path[128];

	snprintf(path, sizeof path, "%s/%s", place->directory, name);
	return path;
}

static void lock_once(const struct place *place)
{
	int fd = must_open(place->file, O_RDWR);

	assert_int_equal(flock(fd, LOCK_EX | LOCK_NB), 0);
	assert_int_equal(outsider_try(place->file, BY_OFD, LOCK_EX), EAGAIN);
}

static void trace_with_state(const struct place *place)
{
	assert_scenario("lock_once", place,
			policy_of(place,
				  "[rule a]\nflock = ofd\ntrace = all\nstate-dir = %s/state\n",
				  place->directory),
			NULL);
}

static void assert_trace_in(const struct place *place, const char *name)
{
	char metadata[64];
	struct stat is;

	assert_return_code(lstat(path_of(place, name), &is), errno);
	assert_int_equal(is.st_mode, S_IFDIR | 0700);
	snprintf(metadata, sizeof metadata, "%s/metadata", name);
	assert_return_code(lstat(path_of(place, metadata), &is), errno);
}

static void test_preload_trace_goes_beside_the_state(void **state)
{
	const struct place *place = *state;

	need_shim();
	trace_with_state(place);
	assert_trace_in(place, "state/trace");
}

static void test_preload_trace_in_a_groups_directory(void **state)
{
	const struct place *place = *state;

	need_shim();
	if (geteuid())
		skip();
	assert_return_code(mkdir(path_of(place, "state"), 0700), errno);
	assert_return_code(chmod(path_of(place, "state"), 0770), errno);
	trace_with_state(place);
	assert_trace_in(place, "state/trace-0");
}

/* The lock is taken all the same. */
static void test_preload_trace_without_a_place(void **state)
{
	const struct place *place = *state;
	struct stat is;

	need_shim();
	assert_return_code(mkdir(path_of(place, "state"), 0700), errno);
	assert_return_code(mkdir(path_of(place, "elsewhere"), 0700), errno);
	assert_return_code(symlink("../elsewhere", path_of(place, "state/trace")), errno);
	trace_with_state(place);
	assert_int_equal(lstat(path_of(place, "elsewhere/metadata"), &is), -1);
	assert_return_code(unlink(path_of(place, "state/trace")), errno);
	assert_return_code(chmod(path_of(place, "state"), 0777), errno);
	trace_with_state(place);
	assert_int_equal(lstat(path_of(place, "state/trace"), &is), -1);
}

int main(int argc, char **argv)
{
	const struct scenario scenarios[] = {
		{ "lock_once", lock_once },
		{ NULL, NULL },
	};
	const struct CMUnitTest tests[] = {
		place_test(test_preload_trace_goes_beside_the_state),
		place_test(test_preload_trace_in_a_groups_directory),
		place_test(test_preload_trace_without_a_place),
	};

	scenario_main(argc, argv, scenarios);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
