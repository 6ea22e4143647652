/* SPDX-License-Identifier: MIT
 * Which files an export list names. */
#include "tests/unit/unit.h"

#include <string.h>

static const char mounts[] = "1 0 8:1 / / rw - ext4 /dev/sda1 rw\n"
			     "2 1 8:2 / /srv rw - ext4 /dev/sdb1 rw\n"
			     "3 2 8:3 / /srv/a\\040b rw - xfs /dev/sdc1 rw\n"
			     "4 2 8:4 / /srv/over rw - ext4 /dev/sdd1 rw\n"
			     "5 2 8:5 / /srv/over rw - ext4 /dev/sde1 rw\n"
			     "6 7 8:6 / /srv/moved rw - ext4 /dev/sdf1 rw\n"
			     "7 2 8:7 / /srv/moved rw - ext4 /dev/sdg1 rw\n";

static enum policy_answer ask(const char *list, unsigned minor, const char *path)
{
	const struct policy_text lists[] = { { "", 0 }, { list, strlen(list) } };
	const struct policy_text table = { mounts, sizeof mounts - 1 };

	return policy_exported(lists, 2, &table, policy_device(8, minor), path);
}

static void test_policy_exports_by_file_system_and_by_directory(void **state)
{
	const struct {
		const char *list;
		unsigned minor;
		const char *path;
		enum policy_answer answer;
	} rows[] = {
		{ "", 1, "/f", POLICY_NO },
		{ "# Version 1.1\n# Path Client(Flags) # IPs\n", 1, "/f", POLICY_NO },
		{ "/srv\t*(rw)\n", 2, "/srv/f", POLICY_YES },
		{ "/srv\t*(rw)", 2, NULL, POLICY_YES },
		{ "/srv *(rw)\n", 2, "/elsewhere/by/bind", POLICY_YES },
		{ "/srv\t*(rw)\n", 1, "/f", POLICY_NO },
		{ "/srv\t*(rw)\n", 3, "/srv/a b/f", POLICY_NO },
		{ "/srv\t*(rw,crossmnt)\n", 3, "/srv/a b/f", POLICY_YES },
		{ "/srv\t*(rw,crossmnt)\n", 1, "/f", POLICY_NO },
		{ "/srv\t*(crossmnt)\n", 3, "/srv/a b/f", POLICY_YES },
		{ "/srv\t*(rw,nocrossmnt,secure)\n", 3, "/srv/a b/f", POLICY_NO },
		{ "/srv\t*(rw,crossmnt", 3, "/srv/a b/f", POLICY_NO },
		{ "/srv\t*(rw,crossmnt)\n", 3, NULL, POLICY_UNKNOWN },
		{ "/srv/a\\040b\t*(rw)\n", 3, "/srv/a b/f", POLICY_YES },
		{ "/srv/a\\040b/c\t*(rw)\n", 3, "/srv/a b/c/f", POLICY_YES },
		{ "/srv/a\\040b/c\t*(rw)\n", 3, "/srv/a\\040b/c/f", POLICY_NO },
		{ "/srv/over\t*(rw)\n", 5, "/x", POLICY_YES },
		{ "/srv/over\t*(rw)\n", 4, "/x", POLICY_NO },
		{ "/srv/moved\t*(rw)\n", 6, "/x", POLICY_YES },
		{ "/srv/moved\t*(rw)\n", 7, "/x", POLICY_NO },
		{ "/srv/dir\t*(rw)\n", 2, "/srv/dir", POLICY_YES },
		{ "/srv/dir\t*(rw)\n", 2, "/srv/dir/f", POLICY_YES },
		{ "/srv/dir\t*(rw)\n", 2, "/srv/dir2/f", POLICY_NO },
		{ "/srv/dir\t*(rw)\n", 2, "/srv/di", POLICY_NO },
		{ "/srv/dir\t*(rw)\n", 2, NULL, POLICY_UNKNOWN },
		{ "/srv/dir\t*(rw)\n", 1, NULL, POLICY_NO },
		{ "/\t*(rw)\n", 1, "/f", POLICY_YES },
		{ "/\t*(rw)\n", 2, "/srv/f", POLICY_NO },
		{ "/\t*(rw,crossmnt)\n", 2, "/srv/f", POLICY_YES },
		{ "/\t*(ro,sync,v4root,fsid=0)\n", 1, "/f", POLICY_NO },
		{ "/\t*(ro,v4root)\n/\t*(rw)\n", 1, "/f", POLICY_YES },
		{ "srv\t*(rw)\n\n\t\n/\n", 2, "/srv/f", POLICY_NO },
		{ "/srv/dir\t*(rw)\n/srv\t*(ro)\n", 2, NULL, POLICY_YES },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		if (ask(rows[i].list, rows[i].minor, rows[i].path) != rows[i].answer)
			fail_msg("row %zu: %s", i, rows[i].list);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_policy_exports_by_file_system_and_by_directory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
