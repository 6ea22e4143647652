/* SPDX-License-Identifier: MIT
 * mountinfo as the kernel writes it, and as nobody should. */
#include "tests/unit/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char mountinfo[] =
	"22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw,errors=remount-ro\n"
	"40 22 0:40 / /srv/mail rw master:1 propagate_from:2 - nfs4 nas:/mail "
	"rw,vers=4.2,local_lock=none\n"
	"41 22 0:41 / /mnt/a\\040b\\011c\\134d rw - tmpfs  rw\n"
	"42 22 0:42 /sub /srv/twice rw - xfs /dev/sdb rw\n"
	"43 42 259:1048575 / /srv/twice rw - btrfs /dev/sdc rw,subvol=/x\n"
	"44 22 4294967295:0 / /huge rw - ext4 x rw\n"
	"44 22 0:99999999999 / /huge rw - ext4 x rw\n"
	"45 22 0:45 / /noend rw shared:1 ext4 x rw\n"
	"46 22 045 / /nodevice rw - ext4 x rw\n"
	"47 22 0:47 / /short rw - ext4\n"
	"x 22 0:48 / /noid rw - ext4 x rw\n"
	"48 x 0:48 / /noparent rw - ext4 x rw\n"
	"48 22 0:48 / /nooptions rw - tmpfs none \n"
	"\n"
	"49 22 0:49 / /last rw - ext4 x rw,noquota";

static bool find(const char *path, struct policy_mount *ret)
{
	const char *at = mountinfo, *end = mountinfo + sizeof(mountinfo) - 1;

	while (policy_mount_next(&at, end, ret))
		if (policy_mount_is_at(ret, path))
			return true;
	return false;
}

static void test_policy_mounts_fields_are_read(void **state)
{
	struct policy_mount mount;

	(void)state;
	assert_true(find("/srv/mail", &mount));
	assert_int_equal(mount.id, 40);
	assert_int_equal(mount.parent, 22);
	assert_int_equal(mount.device, policy_device(0, 40));
	assert_int_equal(mount.mount_point_len, 9);
	assert_int_equal(mount.fstype_len, 4);
	assert_memory_equal(mount.fstype, "nfs4", 4);
	assert_true(policy_mount_has(&mount, "local_lock=none"));
	assert_true(policy_mount_has(&mount, "rw"));
	assert_false(policy_mount_has(&mount, "local_lock"));
	assert_false(policy_mount_has(&mount, "vers=4"));
	assert_true(find("/last", &mount));
	assert_true(policy_mount_has(&mount, "noquota"));
}

static void test_policy_mounts_escapes_are_undone(void **state)
{
	struct policy_mount mount;

	(void)state;
	assert_true(find("/mnt/a b\tc\\d", &mount));
	assert_int_equal(mount.id, 41);
	assert_memory_equal(mount.super_options, "rw", mount.super_options_len);
	assert_false(find("/mnt/a", &mount));
	assert_false(find("/mnt/a b\tc\\d/e", &mount));
}

static void test_policy_mounts_broken_lines_are_skipped(void **state)
{
	static const int expected[] = { 22, 40, 41, 42, 43, 48, 49 };
	const char *at = mountinfo, *end = mountinfo + sizeof(mountinfo) - 1;
	struct policy_mount mount;
	size_t count = 0;

	(void)state;
	while (policy_mount_next(&at, end, &mount)) {
		assert_in_range(count, 0, COUNT(expected) - 1);
		assert_int_equal(mount.id, expected[count++]);
	}
	assert_int_equal(count, COUNT(expected));
}

static void test_policy_mounts_the_top_one_counts(void **state)
{
	uint64_t devices[5];

	(void)state;
	assert_string_equal(
		unit_parse("[rule a]\nfilesystem = /srv/twice, /, /srv, /mnt/a b\tc\\\\d,"
			   " /srv/mail/\n"),
		"ok");
	policy_filesystem_devices(unit_policy, mountinfo, sizeof(mountinfo) - 1, devices);
	assert_int_equal(devices[0], policy_device(259, 1048575));
	assert_int_equal(devices[1], policy_device(8, 1));
	assert_int_equal(devices[2], POLICY_NO_DEVICE);
	assert_int_equal(devices[3], policy_device(0, 41));
	assert_int_equal(devices[4], policy_device(0, 40));
	policy_filesystem_devices(unit_policy, NULL, 0, devices);
	assert_int_equal(devices[1], POLICY_NO_DEVICE);
	unit_forget();
}

static void test_policy_mounts_a_moved_one_is_on_top(void **state)
{
	static const struct {
		const char *text;
		unsigned minor;
	} rows[] = {
		{ "100 101 0:1 / /p rw - x x rw\n101 22 0:2 / /p rw - x x rw\n", 1 },
		{ "100 22 0:1 / /p rw - x x rw\n101 100 0:2 / /p rw - x x rw\n", 2 },
		{ "100 102 0:1 / /p rw - x x rw\n101 22 0:2 / /p rw - x x rw\n"
		  "102 101 0:3 / /p rw - x x rw\n",
		  1 },
		{ "100 101 0:1 / /p rw - x x rw\n101 102 0:2 / /p rw - x x rw\n"
		  "102 22 0:3 / /p rw - x x rw\n",
		  1 },
		{ "100 101 0:1 / /p rw - x x rw\n101 22 0:2 / /p rw - x x rw\n"
		  "102 100 0:3 / /p rw - x x rw\n",
		  3 },
		/* Something mounted below it lies on neither; nor does a mount on itself. */
		{ "100 22 0:1 / /p rw - x x rw\n101 100 0:2 / /p rw - x x rw\n"
		  "102 101 0:3 / /p/q rw - x x rw\n",
		  2 },
		{ "100 22 0:1 / /p rw - x x rw\n101 101 0:2 / /p rw - x x rw\n", 2 },
		/* Under two parents, and in a ring that no kernel writes: any answer, but one. */
		{ "100 22 0:1 / /p rw - x x rw\n101 23 0:2 / /p rw - x x rw\n", 2 },
		{ "100 101 0:1 / /p rw - x x rw\n101 100 0:2 / /p rw - x x rw\n", 1 },
	};
	uint64_t device;

	(void)state;
	assert_string_equal(unit_parse("[rule a]\nfilesystem = /p\n"), "ok");
	for (size_t i = 0; i < COUNT(rows); i++) {
		policy_filesystem_devices(unit_policy, rows[i].text, strlen(rows[i].text), &device);
		if (device != policy_device(0, rows[i].minor))
			fail_msg("row %zu: device 0:%u", i, (unsigned)device);
	}
	unit_forget();
}

/* Each text in a block of its own length, so that a sanitizer sees a step too far. */
static void read_exact(const char *text, size_t len)
{
	char *copy = malloc(len ? len : 1);
	const char *at = copy;
	struct policy_mount mount;

	assert_non_null(copy);
	memcpy(copy, text, len);
	while (policy_mount_next(&at, copy + len, &mount)) {
		policy_mount_is_at(&mount, "/srv/mail");
		policy_mount_has(&mount, "rw");
	}
	assert_ptr_equal(at, copy + len);
	free(copy);
}

static void test_policy_mounts_survive_cuts_and_noise(void **state)
{
	char noisy[sizeof(mountinfo)];

	(void)state;
	for (size_t len = 0; len < sizeof(mountinfo); len++)
		read_exact(mountinfo, len);
	for (int round = 0; round < 20000; round++) {
		memcpy(noisy, mountinfo, sizeof(noisy));
		for (int i = 0; i < 5; i++)
			noisy[unit_random(sizeof(noisy))] = " -\\0:\n/x"[unit_random(8)];
		read_exact(noisy, sizeof(noisy) - 1);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_policy_mounts_fields_are_read),
		cmocka_unit_test(test_policy_mounts_escapes_are_undone),
		cmocka_unit_test(test_policy_mounts_broken_lines_are_skipped),
		cmocka_unit_test(test_policy_mounts_the_top_one_counts),
		cmocka_unit_test(test_policy_mounts_a_moved_one_is_on_top),
		cmocka_unit_test(test_policy_mounts_survive_cuts_and_noise),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
