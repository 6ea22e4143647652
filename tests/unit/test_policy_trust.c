/* SPDX-License-Identifier: MIT
 * Which files are read: regular ones that only root or the user could have written. */
#include "tests/unit/unit.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *load(const char *name)
{
	return unit_load(unit_path(name));
}

static void test_policy_files_are_read(void **state)
{
	(void)state;
	unit_write("plain", "[rule a]\nflock = ofd\n", 0644);
	assert_string_equal(load("plain"), "ok");
	assert_string_equal(unit_policy->rules[0]->file, unit_path("plain"));
	assert_int_equal(unit_memory_calls, 1);
	unit_write("empty", "", 0600);
	assert_string_equal(load("empty"), "ok");
	unit_write("broken", "\n[rule a]\nflock = odf\n", 0644);
	assert_string_equal(load("broken"), "@/broken:3:9: unknown value \"odf\" of \"flock\", "
					    "did you mean \"ofd\"?");
}

static void test_policy_what_is_no_file_is_refused(void **state)
{
	(void)state;
	assert_string_equal(load("none"), "@/none:no such file; create it, or name another");
	assert_int_equal(unit_result, -ENOENT);
	assert_string_equal(unit_load("rel/p"),
			    "rel/p:is not an absolute path; begin it with \"/\"");
	assert_int_equal(unit_result, -EINVAL);
	assert_string_equal(unit_load(""), ":is not an absolute path; begin it with \"/\"");
	assert_string_equal(load(""), "@/:is a directory, not a policy file; name a regular file");
	assert_int_equal(unit_result, -EINVAL);
	assert_string_equal(unit_load("/dev/null"),
			    "/dev/null:is a device, not a policy file; name a regular file");
	assert_int_equal(mkfifo(unit_path("fifo"), 0600), 0);
	assert_string_equal(load("fifo"),
			    "@/fifo:is a FIFO, not a policy file; name a regular file");
	assert_string_equal(load("plain/x"),
			    "@/plain/x:a part of the path is no directory; correct the path");
	assert_int_equal(symlink("loop", unit_path("loop")), 0);
	assert_string_equal(load("loop"), "@/loop:cannot be read (ELOOP, errno 40)");
	assert_int_equal(unit_result, -ELOOP);
}

static void test_policy_writable_by_others_is_refused(void **state)
{
	(void)state;
	unit_write("open", "", 0666);
	assert_string_equal(load("open"), "@/open:writable by others; chmod go-w @/open");
	assert_int_equal(unit_result, -EPERM);
	unit_write("group", "", 0664);
	assert_string_equal(load("group"), "@/group:writable by others; chmod go-w @/group");
	unit_write("asks", "\ninclude = @/open\n", 0644);
	assert_string_equal(load("asks"),
			    "@/asks:2:11: @/open: writable by others; chmod go-w @/open");
	assert_int_equal(unit_result, -EPERM);
}

/* Runs CHECK in a child; root plays users there. */
static void in_child(int (*check)(void))
{
	int status;
	pid_t child = fork();

	assert_true(child >= 0);
	if (!child)
		_exit(check());
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

static int answers(const char *name, const struct policy_trust *trust, int expected,
		   const char *text)
{
	struct policy *policy;
	struct policy_error err = { 0 };
	int result = policy_load(&policy, unit_path(name), trust, &unit_memory, &err);

	return result != expected || (text && strncmp(err.text, text, strlen(text)));
}

static int check_owners(void)
{
	const struct policy_trust root = { .user = 0 }, user = { .user = 1234 },
				  secure = { .user = 1234, .root_only = true };

	if (chown(unit_path("owned"), 1234, 1234))
		return 1;
	return answers("owned", &user, 0, NULL) ||
	       answers("owned", &root, -EPERM, "owned by uid 1234, not by root; chown root /") ||
	       answers("owned", &secure, -EPERM, "owned by uid 1234, not by root; chown root /") ||
	       answers("owned", &(struct policy_trust){ .user = 99 }, -EPERM,
		       "owned by uid 1234, neither root nor you; chown root /") ||
	       answers("roots", &user, 0, NULL) || answers("roots", &secure, 0, NULL);
}

static int check_unreadable(void)
{
	const struct policy_trust user = { .user = 1234 };

	if (setgid(1234) || setuid(1234))
		return 1;
	return answers("secret", &user, -EACCES, "may not be read by this user; chmod a+r /") ||
	       answers("asks-closed", &user, -EACCES, "");
}

static void test_policy_only_root_and_the_user_are_trusted(void **state)
{
	(void)state;
	if (geteuid())
		skip();
	unit_write("owned", "", 0644);
	unit_write("roots", "", 0644);
	in_child(check_owners);
}

static void test_policy_unreadable_is_said(void **state)
{
	(void)state;
	if (geteuid())
		skip();
	unit_write("secret", "", 0600);
	assert_int_equal(mkdir(unit_path("closed"), 0700), 0);
	assert_int_equal(chmod(unit_path("closed"), 0700), 0);
	unit_write("asks-closed", "include = @/closed/*\n", 0644);
	in_child(check_unreadable);
}

static void test_policy_large_files_are_refused(void **state)
{
	int fd;

	(void)state;
	unit_write("large", "", 0644);
	fd = open(unit_path("large"), O_WRONLY);
	assert_true(fd >= 0);
	assert_int_equal(ftruncate(fd, POLICY_FILE_MAX + 1), 0);
	close(fd);
	assert_string_equal(load("large"),
			    "@/large:larger than 8 MiB; split it, or list fewer files");
}

static void test_policy_files_that_lie_about_their_size_are_refused(void **state)
{
	const struct policy_trust trust = { .user = geteuid() };

	(void)state;
	unit_forget();
	assert_int_equal(
		policy_load(&unit_policy, "/proc/self/status", &trust, &unit_memory, &unit_error),
		-EINVAL);
	assert_string_equal(unit_error.text, "grew while it was read; try again");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_policy_files_are_read),
		cmocka_unit_test(test_policy_what_is_no_file_is_refused),
		cmocka_unit_test(test_policy_writable_by_others_is_refused),
		cmocka_unit_test(test_policy_only_root_and_the_user_are_trusted),
		cmocka_unit_test(test_policy_unreadable_is_said),
		cmocka_unit_test(test_policy_large_files_are_refused),
		cmocka_unit_test(test_policy_files_that_lie_about_their_size_are_refused),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);

	unit_forget();
	return failed;
}
