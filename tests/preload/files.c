/* SPDX-License-Identifier: MIT
 * Rules about files: by path, by file system, by type; what a verdict belongs to, and how long. */
#include "tests/preload/common.h"

#include <sys/mount.h>
#include <time.h>

#define GRANTED 0
#define REFUSED 1

static char output[4096];

/* The probe's answers for FILE, and after WORD for TO, while an outsider holds FILE by POSIX. */
static int probe(const char *policy, const char *path, const char *word, const char *to)
{
	const char *argv[] = { PROBE, path, word, to, NULL };
	const char *environment[] = { "LOCKSHIM_SET=", policy, NULL };
	struct outsider holder;
	int status;

	close(must_open(path, O_RDWR | O_CREAT));
	holder = outsider_hold(path, BY_POSIX, LOCK_EX);
	status = run_with(argv, environment, output, sizeof output);
	outsider_stop(&holder);
	return status;
}

#define expected(answer) (shimmed() ? (answer) : GRANTED)

static void test_preload_path_rule(void **state)
{
	const struct place *place = *state;
	const char *policy =
		policy_of(place, "[rule a]\npath = %s/*.lock\nflock = ofd\n", place->directory);
	char path[128];

	snprintf(path, sizeof path, "%s/a.lock", place->directory);
	assert_int_equal(probe(policy, path, NULL, NULL), expected(REFUSED));
	snprintf(path, sizeof path, "%s/a.lick", place->directory);
	assert_int_equal(probe(policy, path, NULL, NULL), GRANTED);
}

/* A birth time within the clock's tick does not tell two files apart, and no verdict is kept. */
static void older_than_a_tick(const char *path)
{
	struct timespec born, now;

	close(must_open(path, O_RDWR | O_CREAT));
	clock_gettime(CLOCK_REALTIME, &born);
	do
		clock_gettime(CLOCK_REALTIME_COARSE, &now);
	while (now.tv_sec < born.tv_sec ||
	       (now.tv_sec == born.tv_sec && now.tv_nsec <= born.tv_nsec));
}

/* The verdict is made at the first lock call and stays with the file. */
static void test_preload_renamed_file_keeps_its_verdict(void **state)
{
	const struct place *place = *state;
	const char *policy =
		policy_of(place, "[rule a]\npath = %s/*.lock\nflock = ofd\n", place->directory);
	char path[128], to[128];

	snprintf(path, sizeof path, "%s/a.lock", place->directory);
	snprintf(to, sizeof to, "%s/a.lick", place->directory);
	older_than_a_tick(path);
	assert_int_equal(probe(policy, path, "rename", to), shimmed() ? 10 * 2 + REFUSED : 10);
}

/* An unlock follows the grant, whatever the file is called by then. */
static void test_preload_unlock_of_a_renamed_file_through_a_duplicate(void **state)
{
	const struct place *place = *state;
	char path[128], to[128];
	const char *policy =
		policy_of(place, "[rule a]\npath = %s/*.lock\nflock = ofd\n", place->directory);
	const char *argv[] = { PROBE, path, "duplicate", to, NULL };
	const char *environment[] = { "LOCKSHIM_SET=", policy, NULL };

	snprintf(path, sizeof path, "%s/a.lock", place->directory);
	snprintf(to, sizeof to, "%s/b.lock", place->directory);
	assert_int_equal(run_with(argv, environment, output, sizeof output), 0);
	snprintf(to, sizeof to, "%s/a.lick", place->directory);
	assert_int_equal(run_with(argv, environment, output, sizeof output), 0);
}

/* The name that a file was opened by decides, also once it is another name that keeps the file. */
static void test_preload_name_gone_but_another_link_stays(void **state)
{
	const struct place *place = *state;
	const char *policy =
		policy_of(place, "[rule a]\npath = %s/*.lock\nflock = ofd\n", place->directory);
	char path[128], to[128];

	snprintf(path, sizeof path, "%s/a.lock", place->directory);
	snprintf(to, sizeof to, "%s/b", place->directory);
	assert_int_equal(probe(policy, path, "link", to), expected(REFUSED));
}

/* ext4 gives the same inode number out at once: the new file is another file all the same. */
static void test_preload_inode_number_used_again(void **state)
{
	const struct place *place = *state;
	const char *policy = policy_of(place,
				       "[rule a]\npath = %s/*.lock\nflock = fail\n"
				       "fail-errno = EIO\n",
				       place->directory);
	char path[128], to[128];

	snprintf(path, sizeof path, "%s/a.lock", place->directory);
	snprintf(to, sizeof to, "%s/a.lick", place->directory);
	assert_int_equal(probe(policy, path, "replace", to),
			 shimmed() ? 10 * (2 + EIO + 1) + GRANTED : 10);
}

static void test_preload_filesystem_rule(void **state)
{
	const struct place *place = *state;
	char at[128], link[128], path[160];
	const char *policy;

	snprintf(at, sizeof at, "%s/mount point", place->directory);
	snprintf(link, sizeof link, "%s/link", place->directory);
	mount_new("tmpfs", at);
	policy = policy_of(place, "[rule a]\nfilesystem = %s\nflock = ofd\n", at);
	snprintf(path, sizeof path, "%s/file", at);
	assert_int_equal(probe(policy, path, NULL, NULL), expected(REFUSED));
	assert_int_equal(symlink(path, link), 0);
	assert_int_equal(probe(policy, link, NULL, NULL), expected(REFUSED));
	assert_int_equal(probe(policy, place->file, NULL, NULL), GRANTED);
	policy = policy_of(place, "[rule a]\nfilesystem = %s\nflock = ofd\n", place->directory);
	assert_int_equal(probe(policy, path, NULL, NULL), GRANTED);
	umount2(at, MNT_DETACH);
}

static void test_preload_filesystem_rule_through_a_bind_mount(void **state)
{
	const struct place *place = *state;
	char at[128], bind[128], path[160];
	const char *policy;

	snprintf(at, sizeof at, "%s/mount", place->directory);
	snprintf(bind, sizeof bind, "%s/bind", place->directory);
	mount_new("tmpfs", at);
	mkdir(bind, 0755);
	assert_int_equal(mount(at, bind, NULL, MS_BIND, NULL), 0);
	policy = policy_of(place, "[rule a]\nfilesystem = %s\nflock = ofd\n", at);
	snprintf(path, sizeof path, "%s/file", bind);
	assert_int_equal(probe(policy, path, NULL, NULL), expected(REFUSED));
	umount2(bind, MNT_DETACH);
	umount2(at, MNT_DETACH);
}

static void test_preload_fstype_rule(void **state)
{
	const struct place *place = *state;
	char at[128], path[160];
	const char *policy;

	snprintf(at, sizeof at, "%s/mount", place->directory);
	mount_new("tmpfs", at);
	policy = policy_of(place, "[rule a]\nfstype = tmp*\nflock = ofd\n");
	snprintf(path, sizeof path, "%s/file", at);
	assert_int_equal(probe(policy, path, NULL, NULL), expected(REFUSED));
	policy = policy_of(place, "[rule a]\nfstype = !tmpfs\nflock = ofd\n");
	assert_int_equal(probe(policy, path, NULL, NULL), GRANTED);
	umount2(at, MNT_DETACH);
}

/* overlay's files have device numbers that no mount has. */
static void test_preload_filesystem_rule_on_overlay(void **state)
{
	const struct place *place = *state;
	char base[128], at[160], path[192], options[1024];
	const char *policy;

	snprintf(base, sizeof base, "%s/layers", place->directory);
	mount_new("tmpfs", base);
	snprintf(options, sizeof options, "exec mkdir %s/lower %s/upper %s/work %s/at %s/other",
		 base, base, base, base, place->directory);
	assert_int_equal(host_command(options), 0);
	snprintf(options, sizeof options,
		 "lowerdir=%s/lower:%s/other,upperdir=%s/upper,workdir=%s/work", base,
		 place->directory, base, base);
	snprintf(at, sizeof at, "%s/at", base);
	if (mount("test", at, "overlay", 0, options)) {
		umount2(base, MNT_DETACH);
		skip();
	}
	policy = policy_of(place, "[rule a]\nfilesystem = %s\nflock = ofd\n", at);
	snprintf(path, sizeof path, "%s/file", at);
	assert_int_equal(probe(policy, path, NULL, NULL), expected(REFUSED));
	assert_int_equal(probe(policy, place->file, NULL, NULL), GRANTED);
	umount2(at, MNT_DETACH);
	umount2(base, MNT_DETACH);
}

/* In a mount namespace of our own the host can export what it likes. */
static void export(const char *path, const char *options)
{
	FILE *etab;

	mkdir("/var/lib/nfs", 0755);
	etab = fopen("/var/lib/nfs/etab", "we");
	assert_non_null(etab);
	fprintf(etab, "%s\t10.0.0.0/8(rw,%s)\n", path, options);
	assert_int_equal(fclose(etab), 0);
}

static void test_preload_exported_rule(void **state)
{
	const struct place *place = *state;
	const char *policy = policy_of(place, "[rule a]\nexported = yes\nflock = ofd\n");
	char at[128], inner[160], path[192];

	mount_new("tmpfs", "/var/lib");
	snprintf(at, sizeof at, "%s/mount", place->directory);
	mount_new("tmpfs", at);
	snprintf(inner, sizeof inner, "%s/inner", at);
	mount_new("tmpfs", inner);
	snprintf(path, sizeof path, "%s/file", at);
	assert_int_equal(probe(policy, path, NULL, NULL), GRANTED);
	export(at, "sync");
	assert_int_equal(probe(policy, path, NULL, NULL), expected(REFUSED));
	assert_int_equal(probe(policy, place->file, NULL, NULL), GRANTED);
	export(place->directory, "sync");
	assert_int_equal(probe(policy, place->file, NULL, NULL), expected(REFUSED));
	assert_int_equal(probe(policy, path, NULL, NULL), GRANTED);
	snprintf(path, sizeof path, "%s/file", inner);
	export(at, "sync");
	assert_int_equal(probe(policy, path, NULL, NULL), GRANTED);
	export(at, "sync,crossmnt");
	assert_int_equal(probe(policy, path, NULL, NULL), expected(REFUSED));
	umount2(inner, MNT_DETACH);
	umount2(at, MNT_DETACH);
	umount2("/var/lib", MNT_DETACH);
}

/* First rule that matches decides; excludes; a rule for another program leaves an inherited lock
 * that an unlock has to find. */
static void test_preload_first_rule_decides(void **state)
{
	const struct place *place = *state;
	const char *policy = policy_of(place,
				       "[rule not]\npath = %s/free\n\n[rule a]\n"
				       "path = %s/**, !%s/open\nflock = ofd\n",
				       place->directory, place->directory, place->directory);
	char path[128];

	snprintf(path, sizeof path, "%s/free", place->directory);
	assert_int_equal(probe(policy, path, NULL, NULL), GRANTED);
	snprintf(path, sizeof path, "%s/open", place->directory);
	assert_int_equal(probe(policy, path, NULL, NULL), GRANTED);
	assert_int_equal(probe(policy, place->file, NULL, NULL), expected(REFUSED));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		place_test(test_preload_path_rule),
		place_test(test_preload_renamed_file_keeps_its_verdict),
		place_test(test_preload_unlock_of_a_renamed_file_through_a_duplicate),
		place_test(test_preload_name_gone_but_another_link_stays),
		place_test(test_preload_inode_number_used_again),
		place_test(test_preload_filesystem_rule),
		place_test(test_preload_filesystem_rule_through_a_bind_mount),
		place_test(test_preload_fstype_rule),
		place_test(test_preload_filesystem_rule_on_overlay),
		place_test(test_preload_exported_rule),
		place_test(test_preload_first_rule_decides),
	};

	return cmocka_run_group_tests(tests, own_mounts, NULL);
}
