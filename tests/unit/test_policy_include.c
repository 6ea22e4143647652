/* SPDX-License-Identifier: MIT
 * Includes: what they find and in which order, and what they refuse. */
#include "tests/unit/unit.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *load(const char *name)
{
	return unit_load(unit_path(name));
}

static void make_directory(const char *name)
{
	assert_true(!mkdir(unit_path(name), 0755) || errno == EEXIST);
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
		{ "[rule a]\nuser=1\ninclude = @/nothing*\nflock = ofd\n",
		  "p:4:1: key outside a rule; open one with [rule NAME]" },
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

static void test_policy_missing_include_is_no_missing_policy(void **state)
{
	(void)state;
	unit_parse("include = @/gone\n");
	assert_int_equal(unit_result, -EINVAL);
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
	static const char *const names[] = { "main", "none", "", "bad", "l1", "n0", "n1", "asks" };
	int before;

	(void)state;
	unit_write("open", "", 0666);
	unit_write("asks", "\ninclude = @/open\n", 0644);
	before = count_descriptors();
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
		cmocka_unit_test(test_policy_includes_come_in_sorted_order_in_place),
		cmocka_unit_test(test_policy_include_patterns_may_name_hidden_files),
		cmocka_unit_test(test_policy_include_errors_are_exact),
		cmocka_unit_test(test_policy_missing_include_is_no_missing_policy),
		cmocka_unit_test(test_policy_include_loops_are_refused),
		cmocka_unit_test(test_policy_include_depth_is_bounded),
		cmocka_unit_test(test_policy_the_same_file_may_be_met_twice),
		cmocka_unit_test(test_policy_leaves_no_descriptor_and_errno_alone),
		cmocka_unit_test(test_policy_many_includes_stay_sorted),
		cmocka_unit_test(test_policy_include_survives_memory_running_out_anywhere),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
