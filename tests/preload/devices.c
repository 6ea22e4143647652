/* SPDX-License-Identifier: MIT
 * A device number goes to the next file system that is mounted: the verdict does not go with it. */
#include "tests/preload/common.h"

#include <stdlib.h>
#include <sys/mount.h>
#include <sys/utsname.h>

#define TRIES 64

/* Before 6.8 the kernel does not tell one mount from a later one of the same number. */
static void need_unique_mounts(void)
{
	struct utsname name;
	int major = 0, minor = 0;

	need_mounts();
	need_no_emulator("statx tells no mount");
	assert_int_equal(uname(&name), 0);
	assert_int_equal(sscanf(name.release, "%d.%d", &major, &minor), 2);
	if (major < 6 || (major == 6 && minor < 8))
		skip();
}

/* Locks a file in a new file system there and tells its device. BY is what the lock has to be. */
static dev_t lock_in_new(const char *at, enum outsider_family by)
{
	char path[192];
	struct stat st;
	int fd;

	mount_new("tmpfs", at);
	snprintf(path, sizeof path, "%s/file", at);
	fd = must_open(path, O_RDWR | O_CREAT);
	assert_int_equal(fstat(fd, &st), 0);
	assert_int_equal(flock(fd, LOCK_EX | LOCK_NB), 0);
	assert_int_equal(outsider_try(path, by, LOCK_EX), EAGAIN);
	assert_int_equal(outsider_try(path, by == BY_OFD ? BY_FLOCK : BY_OFD, LOCK_EX), 0);
	close(fd);
	assert_int_equal(umount(at), 0);
	return st.st_dev;
}

/* The kernel gives the lowest free number, which another mount on this machine may be given. */
static void swap(const struct place *place, const char *first, const char *second)
{
	char one[128], two[128];
	int i;

	snprintf(one, sizeof one, "%s/%s", place->directory, first);
	snprintf(two, sizeof two, "%s/%s", place->directory, second);
	for (i = 0; i < TRIES; i++) {
		bool ruled_first = !strcmp(first, "ruled") && shimmed();
		bool ruled_second = !strcmp(second, "ruled") && shimmed();

		if (lock_in_new(one, ruled_first ? BY_OFD : BY_FLOCK) ==
		    lock_in_new(two, ruled_second ? BY_OFD : BY_FLOCK))
			return;
	}
	skip_here();
}

static void ruled_last(const struct place *place)
{
	swap(place, "free", "ruled");
}

static void ruled_first(const struct place *place)
{
	swap(place, "ruled", "free");
}

static void run(const struct place *place, const char *scenario)
{
	need_unique_mounts();
	assert_scenario(scenario, place,
			policy_of(place, "[rule a]\nfilesystem = %s/ruled\nflock = ofd\n",
				  place->directory),
			NULL);
}

static void test_preload_device_number_goes_to_a_ruled_file_system(void **state)
{
	run(*state, "ruled last");
}

static void test_preload_device_number_goes_to_an_unruled_file_system(void **state)
{
	run(*state, "ruled first");
}

int main(int argc, char **argv)
{
	const struct scenario scenarios[] = {
		{ "ruled last", ruled_last },
		{ "ruled first", ruled_first },
		{ NULL, NULL },
	};
	const struct CMUnitTest tests[] = {
		place_test(test_preload_device_number_goes_to_a_ruled_file_system),
		place_test(test_preload_device_number_goes_to_an_unruled_file_system),
	};

	scenario_main(argc, argv, scenarios);
	return cmocka_run_group_tests(tests, own_mounts, NULL);
}
