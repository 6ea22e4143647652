/* SPDX-License-Identifier: MIT
 * Files: who may have written them, what an include finds and in which order, what it refuses. */
#include "tests/unit/unit.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *load(const char *name)
{
	return unit_load(unit_path(name));
}

static void make_directory(const char *name)
{
	assert_true(!mkdir(unit_path(name), 0755) || errno == EEXIST);
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
	make_directory("closed");
	assert_int_equal(chmod(unit_path("closed"), 0700), 0);
	unit_write("asks-closed", "include = @/closed/*\n", 0644);
	in_child(check_unreadable);
}

static void test_policy_includes_come_in_sorted_order_in_place(void **state)
{
	static const char *const names[] = { "first", "A", "a1", "a10", "a2", "b", "z", "last" };

	(void)state;
	make_directory("d");
	unit_write("d/b.conf", "[rule b]\nuser=1\n", 0644);
	unit_write("d/a2.conf", "[rule a2]\nuser=2\n", 0644);
	unit_write("d/a10.conf", "[rule a10]\nuser=3\n", 0644);
	unit_write("d/A.conf", "[rule A]\nuser=4\n", 0644);
	unit_write("d/a1.conf", "[rule a1]\nuser=5\n", 0644);
	unit_write("d/.hidden.conf", "broken\n", 0644);
	unit_write("d/other.txt", "broken\n", 0644);
	unit_write("literal", "[rule z]\nuser=6\n", 0644);
	unit_write("main",
		   "include = @/none-*\n[rule first]\nuser=7\ninclude=@/d/*.conf\n"
		   "include = @/literal\ninclude = @/nodir/*.conf\n[rule last]\n",
		   0644);
	assert_string_equal(load("main"), "ok");
	assert_int_equal(unit_policy->rules_count, COUNT(names));
	for (size_t i = 0; i < COUNT(names); i++)
		assert_string_equal(unit_policy->rules[i]->name, names[i]);
	assert_string_equal(unit_policy->rules[1]->file, unit_path("d/A.conf"));
	assert_string_equal(unit_policy->rules[7]->file, unit_path("main"));
	assert_int_equal(unit_policy->rules[7]->line, 7);
}

static void test_policy_include_patterns_may_name_hidden_files(void **state)
{
	(void)state;
	make_directory("h");
	unit_write("h/.x.conf", "[rule x]\n", 0644);
	unit_write("h/a*b", "[rule star]\nuser=1\n", 0644);
	unit_write("h/axb", "broken\n", 0644);
	assert_string_equal(unit_parse("include = @/h/a\\*b\ninclude = @/h/.*\n"), "ok");
	assert_int_equal(unit_policy->rules_count, 2);
}

static void test_policy_include_errors_are_exact(void **state)
{
	static const struct unit_row rows[] = {
		{ "include = x\n", "p:1:11: \"x\" is not an absolute path; begin it with \"/\"" },
		{ " include =  @/gone\n",
		  "p:1:13: @/gone: no such file; create it, or name another" },
		{ "include = /*/x\n", "p:1:11: \"/*/x\" has a wildcard in its directory; only the "
				      "last part may have one" },
		{ "include = /x/[a\n", "p:1:11: \"/x/[a\" has a \"[\" without its \"]\"; write "
				       "\"\\[\" for the character" },
		{ "include =\n", "p:1:10: \"include\" has no value; give one, or drop the key" },
		{ "include = @/e/*\n", "p:1:11: @/e/dir: is a directory, not a policy file; name "
				       "a regular file" },
		{ "include = @/e/dir/\n", "p:1:11: @/e/dir/: is a directory, not a policy file; "
					  "name a regular file" },
		{ "include = @/bad\n", "@/bad:2:1: unknown key \"flok\", did you mean \"flock\"?" },
		{ "[rule a]\nuser=1\ninclude = @/ok\nflock = ofd\n",
		  "p:4:1: key outside a rule; open one with [rule NAME]" },
		{ "include = @/ok\nflock = ofd\n",
		  "p:2:1: key outside a rule; open one with [rule NAME]" },
		{ "include = @/key\n", "@/key:1:1: key outside a rule; open one with [rule NAME]" },
		{ "[rule a]\nflock=succeed\ninclude = @/bad\n",
		  "p:2:7: flock = succeed lets several holders in; write unsafe = yes beside it" },
		{ "include = @/succeed\n[rule a]\n",
		  "@/succeed:2:7: flock = succeed lets several holders in; write unsafe = yes "
		  "beside it" },
		{ "include = @/ok\ninclude = @/ok\n",
		  "@/ok:1:7: a second rule \"ok\"; the first is at @/ok:1, rename one" },
		{ "[rule all]\ninclude = @/ok\n",
		  "@/ok:1:1: rule \"ok\" can never be reached: rule \"all\" (p:1) takes all it "
		  "matches; move it before that one" },
	};

	(void)state;
	make_directory("e");
	make_directory("e/dir");
	unit_write("bad", "[rule bad]\nflok = ofd\n", 0644);
	unit_write("ok", "[rule ok]\nuser=77\n", 0644);
	unit_write("key", "flock = ofd\n", 0644);
	unit_write("succeed", "[rule s]\nflock=succeed\n", 0644);
	unit_check_parse(rows, COUNT(rows));
}

static void test_policy_include_loops_are_refused(void **state)
{
	(void)state;
	unit_write("l1", "include = @/l2\n", 0644);
	unit_write("l2", "\ninclude = @/l3\n", 0644);
	unit_write("l3", "\n\ninclude = @/l1\n", 0644);
	assert_string_equal(load("l1"), "@/l3:3:11: @/l1: includes itself by way of this file; "
					"drop this include");
	assert_int_equal(unit_result, -EINVAL);
	unit_write("self", "include = @/sel*\n", 0644);
	assert_string_equal(load("self"), "@/self:1:11: @/self: includes itself by way of this "
					  "file; drop this include");
	assert_int_equal(link(unit_path("l1"), unit_path("l1-too")), 0);
	unit_write("l3", "include = @/l1-too\n", 0644);
	assert_string_equal(load("l1"), "@/l3:1:11: @/l1-too: includes itself by way of this "
					"file; drop this include");
}

static void test_policy_include_depth_is_bounded(void **state)
{
	char name[16], text[64];

	(void)state;
	for (int i = 0; i < 17; i++) {
		snprintf(name, sizeof(name), "n%d", i);
		snprintf(text, sizeof(text), "include = @/n%d\n", i + 1);
		unit_write(name, text, 0644);
	}
	unit_write("n17", "", 0644);
	assert_string_equal(load("n1"), "ok");
	assert_string_equal(load("n0"), "@/n16:1:11: @/n17: more than 16 includes inside each "
					"other; include it from higher up");
}

static void test_policy_the_same_file_may_be_met_twice(void **state)
{
	(void)state;
	unit_write("note", "# nothing\n", 0644);
	assert_string_equal(unit_parse("include = @/note\ninclude = @/note\n"), "ok");
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

static int count_descriptors(void)
{
	DIR *directory = opendir("/proc/self/fd");
	int count = 0;

	assert_non_null(directory);
	while (readdir(directory))
		count++;
	closedir(directory);
	return count;
}

static void test_policy_leaves_no_descriptor_and_errno_alone(void **state)
{
	static const char *const names[] = { "main", "none", "",   "fifo", "open",
					     "bad",  "l1",   "n0", "n1",   "large" };
	int before = count_descriptors();

	(void)state;
	errno = 4321;
	for (size_t i = 0; i < COUNT(names); i++)
		load(names[i]);
	assert_int_equal(errno, 4321);
	assert_int_equal(count_descriptors(), before);
}

static void write_many(void)
{
	char name[32], text[64];

	make_directory("many");
	for (int i = 0; i < 600; i++) {
		snprintf(name, sizeof(name), "many/%03d", i * 7 % 600);
		snprintf(text, sizeof(text), "[rule r%d]\nuser = %d\n", i * 7 % 600, i);
		unit_write(name, text, 0644);
	}
	unit_write("all-of-many", "include = @/many/*\n", 0644);
}

static void test_policy_many_includes_stay_sorted(void **state)
{
	char name[16];

	(void)state;
	write_many();
	assert_string_equal(load("all-of-many"), "ok");
	assert_int_equal(unit_policy->rules_count, 600);
	for (int i = 0; i < 600; i++) {
		snprintf(name, sizeof(name), "r%d", i);
		assert_string_equal(unit_policy->rules[i]->name, name);
	}
}

static void test_policy_include_survives_memory_running_out_anywhere(void **state)
{
	size_t calls;
	int before = count_descriptors();

	(void)state;
	assert_string_equal(load("all-of-many"), "ok");
	calls = unit_memory_calls;
	assert_in_range(calls, 3, 1000);
	for (unit_memory_fail_at = 1; unit_memory_fail_at <= calls; unit_memory_fail_at++) {
		load("all-of-many");
		assert_int_equal(unit_result, -ENOMEM);
	}
	unit_memory_fail_at = 0;
	assert_int_equal(count_descriptors(), before);
	unit_forget();
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_policy_files_are_read),
		cmocka_unit_test(test_policy_what_is_no_file_is_refused),
		cmocka_unit_test(test_policy_writable_by_others_is_refused),
		cmocka_unit_test(test_policy_only_root_and_the_user_are_trusted),
		cmocka_unit_test(test_policy_unreadable_is_said),
		cmocka_unit_test(test_policy_includes_come_in_sorted_order_in_place),
		cmocka_unit_test(test_policy_include_patterns_may_name_hidden_files),
		cmocka_unit_test(test_policy_include_errors_are_exact),
		cmocka_unit_test(test_policy_include_loops_are_refused),
		cmocka_unit_test(test_policy_include_depth_is_bounded),
		cmocka_unit_test(test_policy_the_same_file_may_be_met_twice),
		cmocka_unit_test(test_policy_large_files_are_refused),
		cmocka_unit_test(test_policy_files_that_lie_about_their_size_are_refused),
		cmocka_unit_test(test_policy_leaves_no_descriptor_and_errno_alone),
		cmocka_unit_test(test_policy_many_includes_stay_sorted),
		cmocka_unit_test(test_policy_include_survives_memory_running_out_anywhere),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
