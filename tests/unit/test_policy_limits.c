/* SPDX-License-Identifier: MIT
 * Text that nobody should write, more of it than anybody should, and memory that runs out. */
#include "tests/unit/unit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RULE "[rule a]\n"

static void test_policy_refuses_nul_bytes(void **state)
{
	static const struct {
		const char *text;
		size_t len;
		const char *expected;
	} rows[] = {
		{ "\0", 1, "p:1:1: a NUL byte; policy files are text" },
		{ "# a\0b\n", 6, "p:1:4: a NUL byte; policy files are text" },
		{ RULE "flock = ofd\0\n", 22, "p:2:12: a NUL byte; policy files are text" },
		{ RULE "flock = o\0d\n", 21, "p:2:10: a NUL byte; policy files are text" },
		{ RULE "flock = ofd\n\0", 22, "p:3:1: a NUL byte; policy files are text" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_string_equal(unit_parse_bytes(rows[i].text, rows[i].len), rows[i].expected);
}

static const char *parse_comment_of(size_t len, const char *end)
{
	char *text = malloc(len + 2);
	const char *line;

	assert_non_null(text);
	memset(text, '#', len);
	strcpy(text + len, end);
	line = unit_parse_bytes(text, strlen(text));
	free(text);
	return line;
}

static void test_policy_refuses_long_lines(void **state)
{
	static const char too_long[] =
		"p:1:4097: a line over 4096 bytes; split it into several rules";

	(void)state;
	assert_string_equal(parse_comment_of(4096, ""), "ok");
	assert_string_equal(parse_comment_of(4096, "\n"), "ok");
	assert_string_equal(parse_comment_of(4097, ""), too_long);
	assert_string_equal(parse_comment_of(4097, "\n"), too_long);
	assert_string_equal(parse_comment_of(1 << 20, "\n"), too_long);
	assert_string_equal(parse_comment_of((8 << 20) + 1, ""),
			    "p:larger than 8 MiB; split it, or list fewer files");
}

static void test_policy_refuses_long_directories(void **state)
{
	char text[300] = "[rule a]\nstate-dir = ";
	char *at = text + strlen(text);

	(void)state;
	*at = '/';
	memset(at + 1, 'a', POLICY_DIRECTORY_MAX - 1);
	assert_string_equal(unit_parse(text), "ok");
	assert_int_equal(strlen(unit_policy->texts[0]), POLICY_DIRECTORY_MAX);
	at[POLICY_DIRECTORY_MAX] = 'a';
	assert_string_equal(unit_parse(text), "p:2:13: a directory of 201 bytes; use at most 200");
}

static void test_policy_small_policy_takes_one_piece_of_memory(void **state)
{
	(void)state;
	assert_string_equal(unit_parse("# ours\n[rule mail]\nfilesystem = /srv/mail\n"
				       "program = dovecot, imap\nflock = ofd\n"
				       "[rule rest]\npath = /srv/**, !/srv/x\nflock = fail\n"),
			    "ok");
	assert_int_equal(unit_memory_calls, 1);
}

static char *many_rules(size_t count)
{
	char *text = malloc(count * 120 + 1), *at = text;

	assert_non_null(text);
	for (size_t i = 0; i < count; i++)
		at += sprintf(at,
			      "[rule r%zu]\nfilesystem = /srv/%zu\npath = /srv/%zu/*.lock\n"
			      "state-dir = /run/%zu\n",
			      i, i, i, i);
	return text;
}

static void test_policy_reads_ten_thousand_rules(void **state)
{
	char *text = many_rules(10000);

	(void)state;
	assert_string_equal(unit_parse_bytes(text, strlen(text)), "ok");
	assert_int_equal(unit_policy->rules_count, 10000);
	assert_int_equal(unit_policy->filesystems_count, 10000);
	assert_string_equal(unit_policy->rules[9999]->name, "r9999");
	assert_string_equal(unit_policy->filesystems[9999], "/srv/9999");
	free(text);
}

static void test_policy_survives_memory_running_out_anywhere(void **state)
{
	char *text = many_rules(2000);
	size_t calls;

	(void)state;
	assert_string_equal(unit_parse_bytes(text, strlen(text)), "ok");
	calls = unit_memory_calls;
	assert_in_range(calls, 5, 1000);
	for (unit_memory_fail_at = 1; unit_memory_fail_at <= calls; unit_memory_fail_at++) {
		unit_parse_bytes(text, strlen(text));
		assert_int_equal(unit_result, -ENOMEM);
		assert_string_equal(unit_error.text, "not enough memory to read the policy");
	}
	unit_memory_fail_at = 0;
	free(text);
}

static void test_policy_survives_random_bytes(void **state)
{
	static const char pieces[][16] = { "[rule ", "]", "\n", "=",    "flock", "path", " ", "/",
					   "**",     "*", ",",  "!",    "\\",    "[",    "a", "ofd",
					   "user",   "0", "#",  "\r\n", "\xff",  "z-a" };
	char text[512];

	(void)state;
	for (int round = 0; round < 20000; round++) {
		size_t len = 0;

		for (unsigned i = unit_random(60); i; i--)
			len += strlen(strcpy(text + len, pieces[unit_random(COUNT(pieces))]));
		if (len && !unit_random(4))
			text[unit_random((unsigned)len)] = (char)unit_random(256);
		unit_parse_bytes(text, len);
		assert_true(unit_result == 0 || unit_result == -EINVAL);
	}
	unit_forget();
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_policy_refuses_nul_bytes),
		cmocka_unit_test(test_policy_refuses_long_lines),
		cmocka_unit_test(test_policy_refuses_long_directories),
		cmocka_unit_test(test_policy_small_policy_takes_one_piece_of_memory),
		cmocka_unit_test(test_policy_reads_ten_thousand_rules),
		cmocka_unit_test(test_policy_survives_memory_running_out_anywhere),
		cmocka_unit_test(test_policy_survives_random_bytes),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);

	unit_forget();
	return failed;
}
