/* SPDX-License-Identifier: MIT
 * After chroot the mount table shows other mount points: what a rule's file system is stays known.
 */
#include "tests/preload/common.h"

static int open_in(const char *directory, const char *name)
{
	char path[192];

	snprintf(path, sizeof path, "%s/%s", directory, name);
	return must_open(path, O_RDWR | O_CREAT);
}

/* By number: the name is out of reach. */
static void assert_converted(int fd)
{
	char path[64];

	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	assert_int_equal(flock(fd, LOCK_EX | LOCK_NB), 0);
	assert_held(path, LOCK_EX);
	assert_int_equal(flock(fd, LOCK_UN), 0);
	assert_free(path);
}

static void enter_jail(const struct place *place)
{
	char path[160];

	snprintf(path, sizeof path, "%s/jail", place->directory);
	assert_int_equal(mkdir(path, 0755), 0);
	assert_int_equal(chroot(path), 0);
	assert_int_equal(chdir("/"), 0);
	mount_new("proc", "/proc");
	mount_new("tmpfs", "/new");
}

static void lock_in_jail(const struct place *place)
{
	char at[128];
	int before, after, unknown;

	snprintf(at, sizeof at, "%s/mount", place->directory);
	before = open_in(at, "before");
	after = open_in(at, "after");
	enter_jail(place);
	unknown = open_in("/new", "file");
	assert_int_equal(flock(unknown, LOCK_EX | LOCK_NB), 0);
	assert_int_equal(outsider_try("/new/file", BY_FLOCK, LOCK_EX), EAGAIN);
	assert_int_equal(outsider_try("/new/file", BY_OFD, LOCK_EX), 0);
	assert_converted(before);
	assert_converted(after);
}

static void test_preload_filesystem_rule_after_chroot(void **state)
{
	const struct place *place = *state;
	char at[128];

	snprintf(at, sizeof at, "%s/mount", place->directory);
	mount_new("tmpfs", at);
	assert_scenario("jail", place,
			policy_of(place, "[rule a]\nfilesystem = %s\nflock = ofd\n", at), NULL);
}

int main(int argc, char **argv)
{
	const struct scenario scenarios[] = { { "jail", lock_in_jail }, { NULL, NULL } };
	const struct CMUnitTest tests[] = {
		place_test(test_preload_filesystem_rule_after_chroot),
	};

	scenario_main(argc, argv, scenarios);
	return cmocka_run_group_tests(tests, own_mounts, NULL);
}
