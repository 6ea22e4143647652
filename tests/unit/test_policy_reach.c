/* SPDX-License-Identifier: MIT
 * Rules that can never be reached are errors; rules that can be are not. */
#include "tests/unit/unit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct pair {
	const char *earlier, *later; /* keys of rule "a" and of rule "b" */
	bool hidden;
};

static void check_pair(const struct pair *pair)
{
	char text[512], expected[256];

	snprintf(text, sizeof(text), "[rule a]\n%s\n [rule b]\n%s\n", pair->earlier, pair->later);
	snprintf(expected, sizeof(expected),
		 "p:%u:2: rule \"b\" can never be reached: rule \"a\" (p:1) takes all it matches; "
		 "move it before that one",
		 strchr(pair->earlier, '\n') ? 4u : 3u);
	if (strcmp(unit_parse(text), pair->hidden ? expected : "ok"))
		fail_msg("\"%s\" before \"%s\": %s", pair->earlier, pair->later, unit_parse(text));
}

static void test_policy_hidden_rules_are_found(void **state)
{
	static const struct pair pairs[] = {
		{ "", "", true },
		{ "flock = ofd", "path = /x", true },
		{ "user = 1", "user = 1", true },
		{ "user = 1", "user = 1\npath = /x", true },
		{ "user = 1, 2", "user = 2", true },
		{ "path = /srv/**", "path = /srv/x", true },
		{ "path = /srv/**", "path = /srv/x/*, /srv/y", true },
		{ "path = /srv/**", "path = /srv/**/x", true },
		{ "path = /**", "path = /srv/[ab]", true },
		{ "path = /srv/*.c", "path = /srv/*.c", true },
		{ "path = /srv/*.c", "path = /srv/x.c", true },
		{ "path = /srv/*", "path = /srv/*.c", true },
		{ "path = /a, /srv/?", "path = /srv/x", true },
		{ "filesystem = /srv, /b", "filesystem = /b/", true },
		{ "fstype = *", "fstype = nfs*", true },
		{ "fstype = **", "fstype = **", true },
		{ "program = *", "program = /usr/bin/x", true },
		{ "program = *", "program = x, y*", true },
		{ "program = /usr/**", "program = /usr/bin/x", true },
		{ "path = !/x", "path = !/x", true },
		{ "path = !/x", "path = !/x, !/y", true },
		{ "path = !/x/y", "path = !/x/*", true },
		{ "path = /srv/**, !/srv/x", "path = /srv/y", true },
		{ "path = /srv/**, !/srv/x", "path = /srv/y*, !/srv/x", true },
		{ "path = !/srv/x", "path = /srv/y", true },
		{ "user = !1", "user = 2, !1", true },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(pairs); i++)
		check_pair(&pairs[i]);
}

static void test_policy_reachable_rules_stand(void **state)
{
	static const struct pair pairs[] = {
		{ "path = /x", "", false },
		{ "user = 1", "user = 1, 2", false },
		{ "user = 1", "path = /x", false },
		{ "user = 0", "user = root", false },
		{ "path = /srv/*", "path = /srv/**", false },
		{ "path = /srv/*", "path = /srv/a*/b", false },
		{ "path = /srv/x", "path = /srv/*", false },
		{ "path = /srv/*.c", "path = /srv/x*.c", false },
		{ "path = /srv/**", "path = !/x", false },
		{ "path = /srv/**, !/srv/x", "path = /srv/x", false },
		{ "path = /srv/**, !/srv/x", "path = /srv/*", false },
		{ "path = /srv/**, !/srv/x", "path = /srv/y*", false },
		{ "path = !/x, !/y", "path = !/x", false },
		{ "path = /**", "fstype = x", false },
		{ "filesystem = /srv", "filesystem = /srv/x", false },
		{ "filesystem = !/a", "filesystem = /b", false },
		{ "filesystem = /\\*, /x", "filesystem = /x, /y", false },
		{ "path = /a\nuser = daemon", "path = !/x\nuser = daemon", false },
		{ "program = x", "program = /usr/bin/x", false },
		{ "program = /**", "program = x", false },
		{ "program = *, !y", "program = x", false },
		{ "service = *", "service = **", false },
		{ "service = *", "service = a/b", false },
		{ "user = !1", "user = 2", false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(pairs); i++)
		check_pair(&pairs[i]);
}

static void test_policy_emptied_rules_are_found(void **state)
{
	static const struct unit_row rows[] = {
		{ "[rule a]\nuser = 1, !1\n",
		  "p:1:1: rule \"a\" can never match: its \"user\" excludes all it names" },
		{ "[rule a]\npath = /srv/*, /srv/x, !/srv/**\n",
		  "p:1:1: rule \"a\" can never match: its \"path\" excludes all it names" },
		{ "[rule a]\npath = /srv/*, /var/x, !/srv/**\n", "ok" },
	};

	(void)state;
	unit_check_parse(rows, COUNT(rows));
}

static void test_policy_the_first_hidden_rule_is_named(void **state)
{
	static const struct unit_row rows[] = {
		{ "[rule a]\npath = /a\n[rule b]\npath = /b\n[rule c]\npath = /b, /a\n[rule d]\n"
		  "path = /b\n[rule e]\n[rule f]\n",
		  "p:7:1: rule \"d\" can never be reached: rule \"b\" (p:3) takes all it matches; "
		  "move it before that one" },
		{ "[rule a]\npath = /a*\n[rule b]\nuser = 1\n[rule c]\nuser = 1\npath = /ab\n",
		  "p:5:1: rule \"c\" can never be reached: rule \"a\" (p:1) takes all it matches; "
		  "move it before that one" },
	};

	(void)state;
	unit_check_parse(rows, COUNT(rows));
}

static void write_items(char *text, const char *const *items, unsigned count)
{
	*text = '\0';
	for (unsigned n = 1 + unit_random(3), i = 0; i < n; i++) {
		strcat(text, i ? ", " : "");
		strcat(text, unit_random(3) ? "" : "!");
		strcat(text, items[unit_random(count)]);
	}
}

/* A random rule's keys. */
static void write_keys(char *text)
{
	static const char *const paths[] = { "/a",    "/a/b", "/a/*", "/a/**",   "/**", "/**/b",
					     "/[ab]", "/?",   "/a*",  "/a/**/b", "/*" };
	static const char *const programs[] = { "a",  "b",  "*",     "a*",   "**",
						"/b", "/*", "/**/a", "/a/**" };
	static const char *const users[] = { "0", "root", "1", "other" };
	static const char *const types[] = { "a", "ab", "a*", "*", "**", "?b", "a/b" };
	char items[128];

	*text = '\0';
	if (unit_random(2)) {
		write_items(items, paths, COUNT(paths));
		sprintf(text + strlen(text), "path = %s\n", items);
	}
	if (!unit_random(3)) {
		write_items(items, types, COUNT(types));
		sprintf(text + strlen(text), "service = %s\n", items);
	}
	if (!unit_random(3)) {
		write_items(items, programs, COUNT(programs));
		sprintf(text + strlen(text), "program = %s\n", items);
	}
	if (!unit_random(4)) {
		write_items(items, users, COUNT(users));
		sprintf(text + strlen(text), "user = %s\n", items);
	}
}

/* All facts that could tell the rules of write_keys() apart, one by one. */
static bool nth_facts(unsigned n, struct policy_process *process, struct policy_file *file)
{
	static const char *const paths[] = { NULL,     "/a",   "/b",       "/a/b",   "/a/c", "/ab",
					     "/a/b/b", "/c/b", "(gone)/a", "/a/c/d", "/" };
	static const char *const executables[] = { NULL, "/a", "/b", "/a/b", "/c/a", "/c" };
	static const char *const names[] = { NULL, "a", "/x/b", "ab" };
	static const char *const services[] = { NULL, "", "a", "ab", "a/b", "cb" };

	*file = (struct policy_file){ .device = 0, .path = paths[n % COUNT(paths)] };
	n /= COUNT(paths);
	*process = (struct policy_process){ .passwd = "root:x:0:\nother:x:1:\n", .passwd_len = 21 };
	process->executable = executables[n % COUNT(executables)];
	n /= COUNT(executables);
	process->started_as = names[n % COUNT(names)];
	n /= COUNT(names);
	process->service = services[n % COUNT(services)];
	n /= COUNT(services);
	process->user = n;
	return n < 2;
}

/* True where "b" decides something after all. */
static bool decides(const char *earlier, const char *later)
{
	struct policy_process process;
	struct policy_file file;
	struct policy *a, *b;
	const struct policy_trust trust = { .user = 0 };

	unit_forget();
	if (policy_parse(&a, "a", earlier, strlen(earlier), &trust, &unit_memory, &unit_error) ||
	    policy_parse(&b, "b", later, strlen(later), &trust, &unit_memory, &unit_error))
		return false; /* one of them excludes all it names */
	for (unsigned n = 0; nth_facts(n, &process, &file); n++)
		if (policy_rule_misfit(a->rules[0], &process, &file) >= 0 &&
		    policy_rule_misfit(b->rules[0], &process, &file) < 0)
			return true;
	return false;
}

static void test_policy_no_reachable_rule_is_ever_refused(void **state)
{
	char earlier[512], later[512], both[1024];
	unsigned hidden = 0, known = 0;

	(void)state;
	for (int round = 0; round < 6000; round++) {
		strcpy(earlier, "[rule a]\n");
		write_keys(earlier + strlen(earlier));
		strcpy(later, "[rule b]\n");
		write_keys(later + strlen(later));
		snprintf(both, sizeof(both), "%s%s", earlier, later);
		unit_parse(both);
		if (!unit_result || !strstr(unit_error.text, "never be reached")) {
			known += unit_result == 0;
			continue;
		}
		hidden++;
		if (decides(earlier, later))
			fail_msg("refused, but reachable:\n%s", both);
	}
	assert_in_range(hidden, 100, 6000);
	assert_in_range(known, 100, 6000);
	unit_forget();
}

static void test_policy_a_late_rule_among_many_is_found(void **state)
{
	char *text = malloc(10001 * 64), *at = text;

	(void)state;
	assert_non_null(text);
	for (int i = 0; i < 10000; i++)
		at += sprintf(at, "[rule r%d]\npath = /srv/*/%d/**\n", i, i);
	strcpy(at, "[rule last]\npath = /srv/x/77/y\n");
	assert_string_equal(unit_parse_bytes(text, strlen(text)),
			    "p:20001:1: rule \"last\" can never be reached: rule \"r77\" (p:155) "
			    "takes all it matches; move it before that one");
	free(text);
	unit_forget();
}

/* Small policies are searched whole, also among rules that only exclude or that begin alike. */
static void test_policy_a_rule_among_excludes_is_found(void **state)
{
	char *text = malloc(301 * 64), *at = text;

	(void)state;
	assert_non_null(text);
	for (int i = 0; i < 150; i++)
		at += sprintf(at, "[rule r%d]\npath = !/srv/%d\n", i, i);
	for (int i = 0; i < 150; i++)
		at += sprintf(at, "[rule s%d]\npath = /srv/**\nuser = %d\n", i, i);
	strcpy(at, "[rule last]\npath = !/x, !/srv/149\n");
	assert_string_equal(unit_parse_bytes(text, strlen(text)),
			    "p:751:1: rule \"last\" can never be reached: rule \"r149\" (p:299) "
			    "takes all it matches; move it before that one");
	free(text);
	unit_forget();
}

/* The test's time limit is what would tell of all with all. */
static void test_policy_many_rules_of_excludes_load(void **state)
{
	char *text = malloc(100000 * 32), *at = text;

	(void)state;
	assert_non_null(text);
	for (int i = 0; i < 100000; i++)
		at += sprintf(at, "[rule r%d]\npath = !/x/%d\n", i, i);
	assert_string_equal(unit_parse_bytes(text, strlen(text)), "ok");
	free(text);
	unit_forget();
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_policy_hidden_rules_are_found),
		cmocka_unit_test(test_policy_reachable_rules_stand),
		cmocka_unit_test(test_policy_emptied_rules_are_found),
		cmocka_unit_test(test_policy_the_first_hidden_rule_is_named),
		cmocka_unit_test(test_policy_no_reachable_rule_is_ever_refused),
		cmocka_unit_test(test_policy_a_late_rule_among_many_is_found),
		cmocka_unit_test(test_policy_a_rule_among_excludes_is_found),
		cmocka_unit_test(test_policy_many_rules_of_excludes_load),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
