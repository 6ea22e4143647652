/* SPDX-License-Identifier: MIT
 * Where the fact that a rule asks for is not to be had, and a rule would convert, a lock is refused
 * with ENOLCK: never a lock of the wrong family. */
#include "tests/preload/common.h"

#include <sys/mount.h>
#include <sys/resource.h>

#define LIMIT 64

static void mount_of(const struct place *place, char into[128])
{
	snprintf(into, 128, "%s/mount", place->directory);
}

static void assert_refused(int fd)
{
	static const int operations[] = { LOCK_EX | LOCK_NB, LOCK_EX, LOCK_SH | LOCK_NB, LOCK_SH };
	size_t i;

	for (i = 0; i < 4; i++) {
		errno = 0;
		assert_int_equal(flock(fd, operations[i]), shimmed() ? -1 : 0);
		assert_int_equal(errno, shimmed() ? ENOLCK : 0);
	}
}

static void fill_descriptors(void)
{
	const struct rlimit limit = { LIMIT, LIMIT };

	assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
	while (dup(0) >= 0)
		;
	assert_int_equal(errno, EMFILE);
}

/* The file system is mounted after start: only the mount table tells what it is. */
static void no_descriptor_free(const struct place *place)
{
	char at[128], path[160];
	int fd;

	mount_of(place, at);
	mount_new("tmpfs", at);
	snprintf(path, sizeof path, "%s/file", at);
	fd = must_open(path, O_RDWR | O_CREAT);
	fill_descriptors();
	assert_refused(fd);
	close(LIMIT - 1);
	assert_int_equal(flock(fd, LOCK_UN), 0);
	assert_free(path);
	assert_int_equal(flock(fd, LOCK_EX | LOCK_NB), 0);
	assert_held(path, LOCK_EX);
	assert_int_equal(flock(fd, LOCK_UN), 0);
	assert_free(path);
}

static char number_before[128];

static void mount_before(void)
{
	mkdir(number_before, 0755);
	mount("test", number_before, "tmpfs", 0, "size=1m");
}

/* The number that stood for another file system at start tells nothing of this one. */
static void device_number_used_again(const struct place *place)
{
	char before[128], at[128], path[160];
	struct stat was, is;
	int fd;

	snprintf(before, sizeof before, "%s/before", place->directory);
	mount_of(place, at);
	assert_int_equal(stat(before, &was), 0);
	assert_int_equal(umount(before), 0);
	mount_new("tmpfs", at);
	snprintf(path, sizeof path, "%s/file", at);
	fd = must_open(path, O_RDWR | O_CREAT);
	assert_int_equal(fstat(fd, &is), 0);
	if (is.st_dev != was.st_dev)
		skip_here();
	fill_descriptors();
	assert_refused(fd);
}

static void test_preload_no_descriptor_free_and_a_device_number_used_again(void **state)
{
	const struct place *place = *state;
	char at[128];

	need_mounts();
	need_no_emulator("statx tells no mount");
	snprintf(number_before, sizeof number_before, "%s/before", place->directory);
	mount_of(place, at);
	assert_scenario("number again", place,
			policy_of(place, "[rule a]\nfilesystem = %s\nflock = ofd\n", at),
			mount_before);
}
static void test_preload_no_descriptor_free(void **state)
{
	const struct place *place = *state;
	char at[128];

	need_mounts();
	mount_of(place, at);
	assert_int_equal(mkdir(at, 0755), 0);
	assert_scenario("no descriptor", place,
			policy_of(place, "[rule a]\nfilesystem = %s\nflock = ofd\n", at), NULL);
}

static void lock_is_refused(const struct place *place)
{
	int fd = must_open(place->file, O_RDWR);

	assert_refused(fd);
	assert_int_equal(flock(fd, LOCK_UN), 0);
	assert_free(place->file);
}

static void lock_is_converted(const struct place *place)
{
	int fd = must_open(place->file, O_RDWR);

	assert_int_equal(flock(fd, LOCK_EX | LOCK_NB), 0);
	assert_held(place->file, LOCK_EX);
	assert_int_equal(flock(fd, LOCK_UN), 0);
	assert_free(place->file);
}

static void lock_is_passed(const struct place *place)
{
	int fd = must_open(place->file, O_RDWR);

	assert_int_equal(flock(fd, LOCK_EX | LOCK_NB), 0);
	assert_int_equal(outsider_try(place->file, BY_FLOCK, LOCK_EX), EAGAIN);
}

static void take_proc_away(void)
{
	if (umount2("/proc", MNT_DETACH))
		_exit(77);
}

/* The sanitizers' runtimes do not start without /proc. */
static void need_life_without_proc(void)
{
	need_mounts();
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
	skip();
#endif
}

static void test_preload_no_proc_under_a_path_rule(void **state)
{
	const struct place *place = *state;

	need_life_without_proc();
	assert_scenario("refused", place,
			policy_of(place, "[rule a]\npath = %s/*\nflock = ofd\n", place->directory),
			take_proc_away);
	assert_scenario("passed", place,
			policy_of(place, "[rule a]\npath = %s/*\nflock = pass\n", place->directory),
			take_proc_away);
}

static void test_preload_no_proc_under_a_filesystem_rule(void **state)
{
	const struct place *place = *state;

	need_life_without_proc();
	assert_scenario("refused", place,
			policy_of(place, "[rule a]\nfilesystem = /\nflock = ofd\n"),
			take_proc_away);
	assert_scenario("refused", place,
			policy_of(place, "[rule a]\nfstype = ext4\nflock = ofd\n"), take_proc_away);
}

static void test_preload_no_proc_and_no_rule(void **state)
{
	need_life_without_proc();
	assert_scenario("converted", *state, NULL, take_proc_away);
}

int main(int argc, char **argv)
{
	const struct scenario scenarios[] = {
		{ "no descriptor", no_descriptor_free },
		{ "number again", device_number_used_again },
		{ "refused", lock_is_refused },
		{ "converted", lock_is_converted },
		{ "passed", lock_is_passed },
		{ NULL, NULL },
	};
	const struct CMUnitTest tests[] = {
		place_test(test_preload_no_descriptor_free),
		place_test(test_preload_no_descriptor_free_and_a_device_number_used_again),
		place_test(test_preload_no_proc_under_a_path_rule),
		place_test(test_preload_no_proc_under_a_filesystem_rule),
		place_test(test_preload_no_proc_and_no_rule),
	};

	scenario_main(argc, argv, scenarios);
	return cmocka_run_group_tests(tests, own_mounts, NULL);
}
