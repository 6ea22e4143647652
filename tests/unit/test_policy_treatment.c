/* SPDX-License-Identifier: MIT
 * File systems on which flock passes whatever the rules say, or unless a rule names files. */
#include "tests/unit/unit.h"

#include <linux/magic.h>

#define EXT4 0xef53u
#define SMB2 0xfe534d42u
#define FUSE 0x65735546u

static void test_policy_treatment_by_file_system(void **state)
{
	const struct {
		uint32_t magic;
		bool local_flock;
		enum policy_treatment treatment;
	} rows[] = {
		{ EXT4, false, POLICY_CONVERT },
		{ TMPFS_MAGIC, false, POLICY_CONVERT },
		{ OVERLAYFS_SUPER_MAGIC, true, POLICY_CONVERT },
		{ PROC_SUPER_MAGIC, false, POLICY_PASS_ALWAYS },
		{ SYSFS_MAGIC, true, POLICY_PASS_ALWAYS },
		{ CGROUP2_SUPER_MAGIC, false, POLICY_PASS_ALWAYS },
		{ NFS_SUPER_MAGIC, false, POLICY_PASS_ALWAYS },
		{ NFS_SUPER_MAGIC, true, POLICY_CONVERT },
		{ SMB2, true, POLICY_PASS_ALWAYS },
		{ FUSE, false, POLICY_CONVERT_IF_NAMED },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		const char *why;

		assert_int_equal(policy_treatment(rows[i].magic, rows[i].local_flock, &why),
				 rows[i].treatment);
		assert_int_equal(why == NULL, rows[i].treatment == POLICY_CONVERT);
	}
}

static void test_policy_treatment_of_fuse_needs_a_rule_about_files(void **state)
{
	struct policy_rule rule = { .match_set = 1u << POLICY_PROGRAM | 1u << POLICY_SERVICE };

	(void)state;
	assert_true(policy_treatment_passes(POLICY_CONVERT_IF_NAMED, NULL));
	assert_true(policy_treatment_passes(POLICY_CONVERT_IF_NAMED, &rule));
	assert_false(policy_treatment_passes(POLICY_CONVERT, &rule));
	rule.match_set |= 1u << POLICY_FSTYPE;
	assert_false(policy_treatment_passes(POLICY_CONVERT_IF_NAMED, &rule));
	assert_true(policy_treatment_passes(POLICY_PASS_ALWAYS, &rule));
}

static void test_policy_treatment_of_nfs_asks_the_mount_options(void **state)
{
	static const char text[] = "1 0 0:40 / /a rw - nfs s:/a rw,vers=3,local_lock=none\n"
				   "2 0 0:41 / /b rw - nfs s:/b rw,vers=3,local_lock=flock\n"
				   "3 0 0:42 / /c rw - nfs s:/c rw,local_lock=all,addr=::1\n"
				   "4 0 0:43 / /d rw - nfs s:/d rw,nolock\n"
				   "5 0 0:44 / /e rw - nfs s:/e rw,local_lock=posix\n";
	const bool local[] = { false, true, true, true, false };
	const char *at = text;
	struct policy_mount mount;

	(void)state;
	assert_true(policy_treatment_asks_mount(NFS_SUPER_MAGIC));
	assert_false(policy_treatment_asks_mount(EXT4));
	for (size_t i = 0; i < sizeof local / sizeof local[0]; i++) {
		assert_true(policy_mount_next(&at, text + sizeof text - 1, &mount));
		assert_int_equal(policy_mount_keeps_flock_local(&mount), local[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_policy_treatment_by_file_system),
		cmocka_unit_test(test_policy_treatment_of_fuse_needs_a_rule_about_files),
		cmocka_unit_test(test_policy_treatment_of_nfs_asks_the_mount_options),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
