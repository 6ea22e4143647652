/* SPDX-License-Identifier: MIT
 * The policy file's language: what is accepted, and the exact error of what is not. */
#include "tests/unit/unit.h"

#include <errno.h>
#include <string.h>

#define RULE "[rule a]\n"
#define FLOCK_VALUES "pass, ofd, posix, both, succeed or fail"
#define SIZES                                                                                      \
	" of \"trace-size\"; use a number of bytes from 64K to 1024G, with K, M or G behind it"
#define UNSAFE "flock = succeed lets several holders in; write unsafe = yes beside it"
#define UNSAFE_FCNTL "fcntl = succeed lets several holders in; write unsafe = yes beside it"
#define UNSAFE_OFD "ofd = succeed lets several holders in; write unsafe = yes beside it"
#define ATOMIC_BOTH                                                                                \
	"upgrade = atomic can't be kept with flock = both, whose native half lets the shared "     \
	"lock go; use flock = ofd"

static void test_policy_accepts_what_it_documents(void **state)
{
	static const struct unit_row rows[] = {
		{ "", "ok" },
		{ "\n\n", "ok" },
		{ "# comment\n; comment\n \t# comment\n\t;\n", "ok" },
		{ RULE, "ok" },
		{ "[rule a]", "ok" },
		{ "  [ rule   a-B_9.x  ]  \r\n", "ok" },
		{ RULE "flock=ofd", "ok" },
		{ RULE "\tflock \t=\t ofd \t\r\n", "ok" },
		{ RULE "service = a#b;c = d\n", "ok" },
		{ "\xef\xbb\xbf" RULE "flock = pass\n", "ok" },
		{ RULE "flock = succeed\nunsafe = yes\n", "ok" },
		{ RULE "unsafe = yes\nflock = succeed\n", "ok" },
		{ RULE "fcntl = ofd\nofd = posix\n", "ok" },
		{ RULE "fcntl = pass\nofd = pass\n", "ok" },
		{ RULE "fcntl = fail\nofd = fail\nfail-errno = EIO\n", "ok" },
		{ RULE "unsafe = yes\nfcntl = succeed\nofd = succeed\n", "ok" },
		{ RULE "state-dir = /run/lockshim\n", "ok" },
		{ RULE "trace = contended\nlog = errors\n", "ok" },
		{ RULE "trace-directory = /var/log/a b\ntrace-full = overwrite\n", "ok" },
		{ RULE "trace-size = 64K\n", "ok" },
		{ RULE "trace-size = 65536\n", "ok" },
		{ RULE "trace-size = 1024G\n", "ok" },
		{ RULE "log-to = stderr\n", "ok" },
		{ RULE "log-to = syslog\n", "ok" },
		{ RULE "log-to = /var/log/locks\n", "ok" },
		{ RULE "fail-errno = EWOULDBLOCK\n", "ok" },
		{ RULE "fail-errno = 4095\n", "ok" },
		{ RULE "open-mode = fail\nshadow = yes\n", "ok" },
		{ RULE "flock = ofd\nopen-mode = reopen\n", "ok" },
		{ RULE "flock = posix\nopen-mode = keeper\nupgrade = drop\n", "ok" },
		{ RULE "flock = posix\nupgrade = atomic\n", "ok" },
		{ RULE "upgrade = atomic\nflock = ofd\n", "ok" },
		{ RULE "flock = both\nupgrade = drop\n", "ok" },
		{ RULE "upgrade = atomic\n", "ok" },
		{ RULE "filesystem = /, /srv/mail/\n", "ok" },
		{ RULE "path = /srv/**/*.lock, !/srv/x/[!a-z]\\[, /a\\,b\n", "ok" },
		{ RULE "fstype = nfs*, fuse.*, !fuse.sshfs\n", "ok" },
		{ RULE "program = dovecot, /usr/lib/dovecot/*\n", "ok" },
		{ RULE "user = 0, 4294967294, www-data, _apt, x$\n", "ok" },
	};

	(void)state;
	unit_check_parse(rows, COUNT(rows));
}

static void test_policy_section_errors_are_exact(void **state)
{
	static const struct unit_row rows[] = {
		{ "[x]\n", "p:1:2: unknown section [x]; a rule begins with [rule NAME]" },
		{ " [rul a]\n", "p:1:3: unknown section [rul], did you mean [rule NAME]?" },
		{ "[Rule a]\n", "p:1:2: unknown section [Rule], did you mean [rule NAME]?" },
		{ "[]\n", "p:1:2: unknown section []; a rule begins with [rule NAME]" },
		{ "\n[rule]\n", "p:2:6: a rule without a name; write [rule NAME]" },
		{ "[rule  ]\n", "p:1:6: a rule without a name; write [rule NAME]" },
		{ "[rule a\n", "p:1:1: no \"]\" in this line; write [rule NAME]" },
		{ "[", "p:1:1: no \"]\" in this line; write [rule NAME]" },
		{ "[rule a] # x\n",
		  "p:1:9: nothing may follow \"]\"; move it to a line of its own" },
		{ "[rule a b]\n", "p:1:8: \" \" has no place in a rule's name; use letters, "
				  "digits, \".\", \"_\" and \"-\"" },
		{ "[rule a/b]\n", "p:1:8: \"/\" has no place in a rule's name; use letters, "
				  "digits, \".\", \"_\" and \"-\"" },
		{ "[rule aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffffgggg]\n",
		  "ok" },
		{ "[rule aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffffggggg]\n",
		  "p:1:7: a rule's name of 65 bytes; use at most 64" },
		{ "[rule a]\nuser=1\n[rule b]\nuser=2\n[rule a]\n",
		  "p:5:7: a second rule \"a\"; the first is at p:1, rename one" },
	};

	(void)state;
	unit_check_parse(rows, COUNT(rows));
}

static void test_policy_key_errors_are_exact(void **state)
{
	static const struct unit_row rows[] = {
		{ "flock = ofd\n", "p:1:1: key outside a rule; open one with [rule NAME]" },
		{ RULE " flok = ofd\n", "p:2:2: unknown key \"flok\", did you mean \"flock\"?" },
		{ RULE "FLOCK = ofd\n", "p:2:1: unknown key \"FLOCK\", did you mean \"flock\"?" },
		{ RULE "inclued = /x\n",
		  "p:2:1: unknown key \"inclued\", did you mean \"include\"?" },
		{ RULE "files = /x\n",
		  "p:2:1: unknown key \"files\"; lockshim.conf(5) lists the keys" },
		{ RULE "queue = fifo\n",
		  "p:2:1: unknown key \"queue\"; lockshim.conf(5) lists the keys" },
		{ RULE "p\033th = all\n", "p:2:1: unknown key \"p?th\", did you mean \"path\"?" },
		{ RULE "pt = /x\n", "p:2:1: unknown key \"pt\"; lockshim.conf(5) lists the keys" },
		{ RULE "flock\n", "p:2:1: \"flock\" has no \"=\"; write KEY = VALUE" },
		{ RULE "= ofd\n", "p:2:1: no key before \"=\"; write KEY = VALUE" },
		{ RULE "flock =  \n", "p:2:8: \"flock\" has no value; give one, or drop the key" },
		{ RULE "flock = ofd\n\nflock = ofd\n",
		  "p:4:1: a second \"flock\" in the rule; line 2 has the first, drop one" },
		{ RULE "user = 1\nuser = 2\n",
		  "p:3:1: a second \"user\" in the rule; line 2 has the first, join them" },
	};

	(void)state;
	unit_check_parse(rows, COUNT(rows));
}

static void test_policy_value_errors_are_exact(void **state)
{
	static const struct unit_row rows[] = {
		{ RULE "flock = odf\n",
		  "p:2:9: unknown value \"odf\" of \"flock\", did you mean \"ofd\"?" },
		{ RULE "flock = mkdir\n",
		  "p:2:9: unknown value \"mkdir\" of \"flock\"; use " FLOCK_VALUES },
		{ RULE "flock = ofd # x\n",
		  "p:2:9: unknown value \"ofd # x\" of \"flock\"; use " FLOCK_VALUES },
		{ RULE "flock = possix\n",
		  "p:2:9: unknown value \"possix\" of \"flock\", did you mean \"posix\"?" },
		{ RULE "flock = boht\n",
		  "p:2:9: unknown value \"boht\" of \"flock\", did you mean \"both\"?" },
		{ RULE "fcntl = posix\n", "p:2:9: unknown value \"posix\" of \"fcntl\"; use pass, "
					  "ofd, succeed or fail" },
		{ RULE "ofd = ofd\n", "p:2:7: unknown value \"ofd\" of \"ofd\"; use pass, posix, "
				      "succeed or fail" },
		{ RULE "trace = yes\n",
		  "p:2:9: unknown value \"yes\" of \"trace\"; use no, errors, contended or all" },
		{ RULE "log = contend\n",
		  "p:2:7: unknown value \"contend\" of \"log\", did you mean \"contended\"?" },
		{ RULE "trace-directory = x\n",
		  "p:2:19: \"x\" is not an absolute path; begin it with \"/\"" },
		{ RULE "trace-size = 65535\n", "p:2:14: unknown value \"65535\"" SIZES },
		{ RULE "trace-size = 63K\n", "p:2:14: unknown value \"63K\"" SIZES },
		{ RULE "trace-size = 1025G\n", "p:2:14: unknown value \"1025G\"" SIZES },
		{ RULE "trace-size = M\n", "p:2:14: unknown value \"M\"" SIZES },
		{ RULE "trace-size = 1 M\n", "p:2:14: unknown value \"1 M\"" SIZES },
		{ RULE "trace-size = 1MB\n", "p:2:14: unknown value \"1MB\"" SIZES },
		{ RULE "trace-size = -1\n", "p:2:14: unknown value \"-1\"" SIZES },
		{ RULE "trace-size = 18446744073709617152\n",
		  "p:2:14: unknown value \"18446744073709617152\"" SIZES },
		{ RULE "trace-size = 18014398509481984K\n",
		  "p:2:14: unknown value \"18014398509481984K\"" SIZES },
		{ RULE "log-to = stdout\n",
		  "p:2:10: unknown value \"stdout\" of \"log-to\"; use stderr, syslog or an "
		  "absolute path" },
		{ RULE "log-to = sylog\n",
		  "p:2:10: unknown value \"sylog\" of \"log-to\", did you mean \"syslog\"?" },
		{ RULE "state-dir = run/x\n",
		  "p:2:13: \"run/x\" is not an absolute path; begin it with \"/\"" },
		{ RULE "state-dir =\n",
		  "p:2:12: \"state-dir\" has no value; give one, or drop the key" },
		{ RULE "state-dir = /a\nstate-dir = /a\n",
		  "p:3:1: a second \"state-dir\" in the rule; line 2 has the first, drop one" },
		{ RULE "open-mode = keper\n", "p:2:13: unknown value \"keper\" of \"open-mode\", "
					      "did you mean \"keeper\"?" },
		{ RULE "upgrade = never\n",
		  "p:2:11: unknown value \"never\" of \"upgrade\"; use drop or atomic" },
		{ RULE "upgrade = atmoic\n", "p:2:11: unknown value \"atmoic\" of \"upgrade\", "
					     "did you mean \"atomic\"?" },
		{ RULE "shadow = true\n",
		  "p:2:10: unknown value \"true\" of \"shadow\"; use no or yes" },
		{ RULE "fail-errno = ENOLOCK\n", "p:2:14: unknown value \"ENOLOCK\" of "
						 "\"fail-errno\", did you mean \"ENOLCK\"?" },
		{ RULE "fail-errno = ENOLC\n",
		  "p:2:14: unknown value \"ENOLC\" of \"fail-errno\", did you mean \"ENOLCK\"?" },
		{ RULE "fail-errno = 0\n", "p:2:14: unknown value \"0\" of \"fail-errno\"; use an "
					   "errno name or a number from 1 to 4095" },
		{ RULE "fail-errno = 4096\n",
		  "p:2:14: unknown value \"4096\" of \"fail-errno\"; use an "
		  "errno name or a number from 1 to 4095" },
		{ RULE "fail-errno = 99999999999999999999\n",
		  "p:2:14: unknown value \"99999999999999999999\" of \"fail-errno\"; use an "
		  "errno name or a number from 1 to 4095" },
	};

	(void)state;
	unit_check_parse(rows, COUNT(rows));
}

static void test_policy_contradiction_errors_are_exact(void **state)
{
	static const struct unit_row rows[] = {
		{ RULE "flock = succeed\n\n", "p:2:9: " UNSAFE },
		{ RULE "flock = succeed\nunsafe = no\n[x]\n", "p:2:9: " UNSAFE },
		{ RULE "fcntl = succeed\nflock = ofd\n", "p:2:9: " UNSAFE_FCNTL },
		{ RULE "shadow = yes\nofd = succeed\n", "p:3:7: " UNSAFE_OFD },
		{ RULE "flock = both\nupgrade = atomic\n", "p:3:11: " ATOMIC_BOTH },
		{ RULE "upgrade = atomic\nflock = both\n[rule b]\n", "p:2:11: " ATOMIC_BOTH },
		{ RULE "upgrade = atomic\nuser = 1\nflock = both\n"
		       "include = /no-such/x\n",
		  "p:2:11: " ATOMIC_BOTH },
		/* Each rule for itself. */
		{ RULE "user = 1\nflock = both\n[rule b]\nupgrade = atomic\n", "ok" },
	};

	(void)state;
	unit_check_parse(rows, COUNT(rows));
}

static void test_policy_list_errors_are_exact(void **state)
{
	static const struct unit_row rows[] = {
		{ RULE "user = 1,\n", "p:2:10: empty item in the list; drop a comma, or write "
				      "\"\\,\" for one" },
		{ RULE "user = 1,, 2\n", "p:2:10: empty item in the list; drop a comma, or write "
					 "\"\\,\" for one" },
		{ RULE "user = ,\n", "p:2:8: empty item in the list; drop a comma, or write "
				     "\"\\,\" for one" },
		{ RULE "user = 1, !\n", "p:2:11: \"!\" excludes nothing; write !ITEM" },
		{ RULE "user = ! , 1\n", "p:2:8: \"!\" excludes nothing; write !ITEM" },
		{ RULE "filesystem = /a, srv\n",
		  "p:2:18: \"srv\" is not an absolute path; begin it with \"/\"" },
		{ RULE "filesystem = /srv/*\n", "p:2:14: \"/srv/*\" has a wildcard; name the "
						"mount point, or use the key path" },
		{ RULE "path = !  srv\n",
		  "p:2:11: \"srv\" is not an absolute path; begin it with \"/\"" },
		{ RULE "path = /a/[b\n", "p:2:8: \"/a/[b\" has a \"[\" without its \"]\"; write "
					 "\"\\[\" for the character" },
		{ RULE "path = /a/[]\n", "p:2:8: \"/a/[]\" has a \"[\" without its \"]\"; write "
					 "\"\\[\" for the character" },
		{ RULE "path = /[z-a]\n", "p:2:8: \"/[z-a]\" has a range that ends before it "
					  "begins; swap its ends" },
		{ RULE "path = /a\\\n", "p:2:8: \"/a\\\" ends in a lone \"\\\"; write \"\\\\\" "
					"for the character" },
		{ RULE "path = /a/\n", "p:2:8: \"/a/\" ends in \"/\", which no file's path does; "
				       "\"/**\" is all below it" },
		{ RULE "path = /a/../b\n", "p:2:8: \"/a/../b\" can match no resolved path; leave "
					   "out empty, \".\" and \"..\" parts" },
		{ RULE "path = //a\n", "p:2:8: \"//a\" can match no resolved path; leave out "
				       "empty, \".\" and \"..\" parts" },
		{ RULE "program = bin/sh\n",
		  "p:2:11: \"bin/sh\" is not an absolute path; begin it with \"/\"" },
		{ RULE "service = [a\n", "p:2:11: \"[a\" has a \"[\" without its \"]\"; write "
					 "\"\\[\" for the character" },
		{ RULE "user = 4294967295\n",
		  "p:2:8: \"4294967295\" is no user; numbers end at 4294967294" },
		{ RULE "user = 99999999999999999999\n",
		  "p:2:8: \"99999999999999999999\" is no user; numbers end at 4294967294" },
		{ RULE "user = a:b\n",
		  "p:2:8: \"a:b\" is no user name; write a plain name or a number" },
		{ RULE "user = www*\n",
		  "p:2:8: \"www*\" is no user name; write a plain name or a number" },
		{ RULE "user = -1\n",
		  "p:2:8: \"-1\" is no user name; write a plain name or a number" },
	};

	(void)state;
	unit_check_parse(rows, COUNT(rows));
}

static void check_item(const struct policy_list *list, size_t at, const char *text, bool exclude,
		       unsigned column)
{
	assert_in_range(at, 0, list->count - 1);
	assert_string_equal(list->items[at].text, text);
	assert_int_equal(list->items[at].exclude, exclude);
	assert_int_equal(list->items[at].column, column);
}

static void test_policy_lists_are_split_and_unescaped(void **state)
{
	const struct policy_list *list;

	(void)state;
	assert_string_equal(unit_parse(RULE "path = /a\\,b , ! /c\\*\\\\,/d\n"
					    "filesystem = //, !/x\\[y/, /x\\[y\n"),
			    "ok");
	list = &unit_policy->rules[0]->match[POLICY_PATH];
	assert_int_equal(list->count, 3);
	assert_int_equal(list->line, 2);
	check_item(list, 0, "/a,b", false, 8);
	check_item(list, 1, "/c\\*\\\\", true, 16);
	check_item(list, 2, "/d", false, 25);
	list = &unit_policy->rules[0]->match[POLICY_FILESYSTEM];
	check_item(list, 0, "/", false, 14);
	check_item(list, 1, "/x[y", true, 18);
	check_item(list, 2, "/x[y", false, 27);
	assert_int_equal(list->items[1].filesystem, list->items[2].filesystem);
	assert_int_equal(unit_policy->filesystems_count, 2);
	assert_string_equal(unit_policy->filesystems[list->items[2].filesystem], "/x[y");
}

static void test_policy_rule_keeps_what_was_written(void **state)
{
	const struct policy_rule *rule;

	(void)state;
	assert_string_equal(unit_parse("\n [rule a.b]\nflock = fail\nfail-errno = 524\nuser = 1\n"),
			    "ok");
	assert_int_equal(unit_policy->rules_count, 1);
	rule = unit_policy->rules[0];
	assert_string_equal(rule->name, "a.b");
	assert_string_equal(rule->file, "p");
	assert_int_equal(rule->line, 2);
	assert_int_equal(rule->column, 2);
	assert_int_equal(rule->match_set, 1u << POLICY_USER);
	assert_int_equal(rule->match[POLICY_PATH].line, 0);
	assert_int_equal(rule->actions.set, 1u << POLICY_FLOCK | 1u << POLICY_FAIL_ERRNO);
	assert_int_equal(rule->actions.value[POLICY_FLOCK], POLICY_FLOCK_FAIL);
	assert_int_equal(rule->actions.value[POLICY_FAIL_ERRNO], 524);
	assert_int_equal(rule->actions.value[POLICY_UNSAFE], 0);
	assert_int_equal(rule->action_line[POLICY_FLOCK], 3);
	assert_int_equal(rule->action_line[POLICY_SHADOW], 0);
}

static void test_policy_defaults_pass(void **state)
{
	struct policy *policy;

	(void)state;
	unit_forget();
	assert_int_equal(policy_empty(&policy, &unit_memory), 0);
	assert_int_equal(policy->rules_count, 0);
	assert_int_equal(policy->no_rule.set, 0);
	assert_int_equal(policy->no_rule.value[POLICY_FLOCK], POLICY_FLOCK_PASS);
	assert_int_equal(policy->no_rule.value[POLICY_FCNTL], POLICY_FCNTL_PASS);
	assert_int_equal(policy->no_rule.value[POLICY_OFD_CALLS], POLICY_OFD_CALLS_PASS);
	assert_false(policy_changes_calls(&policy->no_rule));
	assert_int_equal(policy->no_rule.value[POLICY_FAIL_ERRNO], ENOLCK);
	assert_int_equal(policy->no_rule.value[POLICY_OPEN_MODE], POLICY_OPEN_MODE_KEEPER);
	assert_int_equal(policy->no_rule.value[POLICY_UPGRADE], POLICY_UPGRADE_DROP);
	assert_int_equal(policy->hash, 0xcbf29ce484222325u);
}

static uint64_t hash_of(const char *text)
{
	assert_string_equal(unit_parse(text), "ok");
	return unit_policy->hash;
}

static void test_policy_hash_is_of_the_text(void **state)
{
	(void)state;
	assert_int_equal(hash_of(""), 0xcbf29ce484222325u);
	assert_int_equal(hash_of("#"), (0xcbf29ce484222325u ^ '#') * 0x100000001b3u);
	assert_int_not_equal(hash_of(RULE "flock = ofd\n"), hash_of(RULE "flock =  ofd\n"));
}

static void test_policy_table_has_each_key_at_its_place(void **state)
{
	(void)state;
	assert_int_equal(policy_keys_count, POLICY_MATCH_COUNT + POLICY_ACTION_COUNT);
	for (int i = 0; i < POLICY_MATCH_COUNT; i++) {
		const struct policy_key *key = policy_key_of_match((enum policy_match)i);

		assert_true(key->match);
		assert_int_equal(key->number, i);
	}
	for (int i = 0; i < POLICY_ACTION_COUNT; i++) {
		const struct policy_key *key = policy_key_of_action((enum policy_action)i);

		assert_false(key->match);
		assert_int_equal(key->number, i);
		assert_true(!key->choices == (key->kind != POLICY_KIND_CHOICE));
		assert_true(!key->choices || key->choices[key->initial]);
	}
	for (size_t i = 0; i < policy_keys_count; i++)
		assert_ptr_equal(policy_key_find(policy_keys[i].name, strlen(policy_keys[i].name)),
				 &policy_keys[i]);
	assert_null(policy_key_find("flock", 4));
	assert_null(policy_key_find("", 0));
}

static void test_policy_knows_errno_names(void **state)
{
	(void)state;
	assert_string_equal(policy_errno_name(EPERM), "EPERM");
	assert_string_equal(policy_errno_name(ENOLCK), "ENOLCK");
	assert_string_equal(policy_errno_name(EAGAIN), "EAGAIN");
	assert_string_equal(policy_errno_name(EDEADLK), "EDEADLK");
	assert_string_equal(policy_errno_name(EHWPOISON), "EHWPOISON");
	assert_null(policy_errno_name(0));
	assert_null(policy_errno_name(524));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_policy_accepts_what_it_documents),
		cmocka_unit_test(test_policy_section_errors_are_exact),
		cmocka_unit_test(test_policy_key_errors_are_exact),
		cmocka_unit_test(test_policy_value_errors_are_exact),
		cmocka_unit_test(test_policy_contradiction_errors_are_exact),
		cmocka_unit_test(test_policy_list_errors_are_exact),
		cmocka_unit_test(test_policy_lists_are_split_and_unescaped),
		cmocka_unit_test(test_policy_rule_keeps_what_was_written),
		cmocka_unit_test(test_policy_defaults_pass),
		cmocka_unit_test(test_policy_hash_is_of_the_text),
		cmocka_unit_test(test_policy_table_has_each_key_at_its_place),
		cmocka_unit_test(test_policy_knows_errno_names),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);

	unit_forget();
	return failed;
}
