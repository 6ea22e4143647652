/* SPDX-License-Identifier: MIT
 * From facts to a verdict: which rule decides, why the others do not, what an unlock must try. */
#include "tests/unit/unit.h"

#include <stdio.h>

static const char passwd[] = "root:x:0:0:root:/root:/bin/sh\n"
			     "broken\n"
			     "nouid:x:\n"
			     "toolarge:x:4294967296:0::/:/bin/sh\n"
			     "xy:107:1:\n"
			     "dovecot:x:107:115::/usr/lib/dovecot:/bin/false\n"
			     "dovecot:x:999:999::/:/bin/false\n"
			     "last:*:65534:65534";

static const struct policy_process imap = {
	.executable = "/usr/lib/dovecot/imap",
	.started_as = "/usr/sbin/mail-reader",
	.argv0 = "imap-login",
	.user = 107,
	.service = "mail",
	.passwd = passwd,
	.passwd_len = sizeof(passwd) - 1,
};

static const struct policy_process nobody_known = { .user = 0 };

/* What stands for the mount points of a test's policy: the n-th is on device 1:n. */
static const uint64_t devices[] = { 1ull << 32, 1ull << 32 | 1, POLICY_NO_DEVICE };

static const struct policy_file mailbox = {
	.path = "/srv/mail/user/dovecot.lock",
	.fstype = "ext4",
	.device = 1ull << 32 | 1,
	.filesystem_device = devices,
};

static const struct policy_file unknown = { .device = POLICY_NO_DEVICE };

/* True where a rule with this one key fits. */
static bool fits(const char *key, const struct policy_process *process,
		 const struct policy_file *file)
{
	const struct policy_rule *rule;
	char text[512];
	int misfit;

	snprintf(text, sizeof(text), "[rule a]\n%s\n", key);
	assert_string_equal(unit_parse(text), "ok");
	policy_bind(unit_policy, process);
	policy_decide(unit_policy, file, &rule);
	misfit = policy_rule_misfit(unit_policy->rules[0], process, file);
	assert_int_equal(misfit < 0, rule != NULL);
	if (misfit >= 0)
		assert_int_equal(1u << misfit, unit_policy->rules[0]->match_set);
	return rule;
}

struct key_row {
	const char *key;
	bool expected;
};

static void check_keys(const struct key_row *rows, size_t count,
		       const struct policy_process *process, const struct policy_file *file)
{
	for (size_t i = 0; i < count; i++)
		if (fits(rows[i].key, process, file) != rows[i].expected)
			fail_msg("%s", rows[i].key);
}

static void test_policy_process_keys_fit_as_documented(void **state)
{
	static const struct key_row rows[] = {
		{ "program = imap", true },
		{ "program = im*", true },
		{ "program = mail-reader", true },
		{ "program = imap-login", true },
		{ "program = dovecot", false },
		{ "program = /usr/lib/dovecot/*", true },
		{ "program = /usr/**", true },
		{ "program = /usr/*", false },
		{ "program = /usr/sbin/mail-reader", false },
		{ "program = !imap", false },
		{ "program = *, !mail-reader", false },
		{ "program = !pop3", true },
		{ "user = 107", true },
		{ "user = 0107", true },
		{ "user = dovecot", true },
		{ "user = 999", false },
		{ "user = root, dovecot", true },
		{ "user = !root", true },
		{ "user = !dovecot", false },
		{ "user = nosuch", false },
		{ "user = x", false },
		{ "user = y", false },
		{ "user = broken", false },
		{ "user = nouid", false },
		{ "user = toolarge", false },
		{ "service = mail", true },
		{ "service = m*", true },
		{ "service = web", false },
		{ "service = !mail", false },
		{ "service = *, !mail", false },
	};

	(void)state;
	check_keys(rows, COUNT(rows), &imap, &mailbox);
}

static void test_policy_users_are_found_in_every_passwd_line(void **state)
{
	struct policy_process last = imap;

	(void)state;
	last.user = 65534;
	assert_true(fits("user = last", &last, &mailbox));
	last.user = 0;
	assert_true(fits("user = root", &last, &mailbox));
	assert_false(fits("user = toolarge", &last, &mailbox));
}

static void test_policy_file_keys_fit_as_documented(void **state)
{
	static const struct key_row rows[] = {
		{ "path = /srv/mail/**", true },
		{ "path = /srv/mail/*", false },
		{ "path = /srv/mail/**, !/**/*.lock", false },
		{ "path = !/srv/mail/**", false },
		{ "path = !/var/**", true },
		{ "fstype = ext4", true },
		{ "fstype = ext?", true },
		{ "fstype = xfs, ext*", true },
		{ "fstype = nfs*", false },
		{ "fstype = !nfs*, !fuse.*", true },
		{ "filesystem = /a, /b", true },
		{ "filesystem = /a", false },
		{ "filesystem = !/a", true },
		{ "filesystem = /a, !/b", false },
	};

	(void)state;
	check_keys(rows, COUNT(rows), &imap, &mailbox);
}

static void test_policy_unknown_facts_fit_no_key(void **state)
{
	static const struct key_row rows[] = {
		{ "path = /**", false },     { "path = !/x", false },
		{ "fstype = *", false },     { "fstype = !x", false },
		{ "filesystem = /", false }, { "filesystem = !/", false },
		{ "program = *", false },    { "program = !x", false },
		{ "service = *", false },    { "service = !x", false },
		{ "user = 0", true },        { "user = root", false },
		{ "flock = ofd", true },
	};

	(void)state;
	check_keys(rows, COUNT(rows), &nobody_known, &unknown);
}

static void test_policy_no_device_is_on_no_filesystem(void **state)
{
	static const uint64_t nothing[] = { POLICY_NO_DEVICE };
	const struct policy_file file = { .device = POLICY_NO_DEVICE,
					  .filesystem_device = nothing };

	(void)state;
	assert_false(fits("filesystem = /a", &imap, &file));
	assert_false(fits("filesystem = !/a", &imap, &file));
}

#define THREE                                                                                      \
	"[rule exempt]\npath = /srv/mail/exempt/**\n"                                              \
	"[rule mail]\nservice = mail\nfstype = ext*\nflock = ofd\n"                                \
	"[rule web]\nservice = web\nflock = fail\n"                                                \
	"[rule rest]\nfstype = ext4\nflock = succeed\nunsafe = yes\n"

static const char *decide(const struct policy_process *process, const struct policy_file *file)
{
	const struct policy_rule *rule;
	const struct policy_actions *actions;

	assert_string_equal(unit_parse(THREE), "ok");
	policy_bind(unit_policy, process);
	actions = policy_decide(unit_policy, file, &rule);
	assert_ptr_equal(actions, rule ? &rule->actions : &unit_policy->no_rule);
	return rule ? rule->name : "-";
}

static void test_policy_first_fitting_rule_decides(void **state)
{
	struct policy_process process = imap;
	struct policy_file file = mailbox;

	(void)state;
	assert_string_equal(decide(&process, &file), "mail");
	file.path = "/srv/mail/exempt/x";
	assert_string_equal(decide(&process, &file), "exempt");
	file.path = NULL;
	assert_string_equal(decide(&process, &file), "mail");
	file.fstype = "xfs";
	assert_string_equal(decide(&process, &file), "-");
	process.service = "web";
	assert_string_equal(decide(&process, &file), "web");
	process.service = NULL;
	assert_string_equal(decide(&process, &mailbox), "rest");
}

static void test_policy_misfit_is_the_first_in_table_order(void **state)
{
	const struct policy_rule *rule;

	(void)state;
	assert_string_equal(unit_parse("[rule a]\nservice = x\nprogram = x\nfstype = x\n"), "ok");
	rule = unit_policy->rules[0];
	policy_bind(unit_policy, &imap);
	assert_int_equal(policy_rule_misfit(rule, &imap, &mailbox), POLICY_FSTYPE);
	assert_string_equal(unit_parse("[rule a]\nservice = x\nfstype = ext4\n"), "ok");
	rule = unit_policy->rules[0];
	assert_int_equal(policy_rule_misfit(rule, &imap, &mailbox), POLICY_SERVICE);
	assert_int_equal(policy_rule_misfit(rule, NULL, NULL), POLICY_FSTYPE);
}

static void test_policy_bind_says_what_must_be_asked(void **state)
{
	struct policy_process process = imap;

	(void)state;
	assert_string_equal(unit_parse(THREE), "ok");
	policy_bind(unit_policy, &process);
	assert_true(policy_asks_path(unit_policy));
	assert_int_equal(unit_policy->bound_count, 3);
	assert_true(unit_policy->rules[1]->process_matches);
	assert_false(unit_policy->rules[2]->process_matches);
	process.service = "web";
	policy_bind(unit_policy, &process);
	assert_int_equal(unit_policy->bound_count, 2);
	assert_int_equal(unit_policy->bound_match, 1u << POLICY_PATH | 1u << POLICY_SERVICE);
	assert_true(unit_policy->rules[3]->process_matches);
}

static void test_policy_without_file_keys_asks_nothing(void **state)
{
	(void)state;
	assert_string_equal(unit_parse("[rule a]\nservice = mail\n[rule b]\npath = /x\n"), "ok");
	policy_bind(unit_policy, &imap);
	assert_false(policy_asks_file(unit_policy));
	policy_bind(unit_policy, &nobody_known);
	assert_true(policy_asks_file(unit_policy));
	assert_true(policy_asks_path(unit_policy));
	assert_string_equal(unit_parse("[rule b]\nfstype = x\n"), "ok");
	policy_bind(unit_policy, &imap);
	assert_true(policy_asks_file(unit_policy));
	assert_false(policy_asks_path(unit_policy));
}

static void test_policy_families_are_those_of_any_process(void **state)
{
	static const unsigned native = POLICY_FAMILY_NATIVE;
	static const unsigned both = POLICY_FAMILY_NATIVE | POLICY_FAMILY_OFD;
	static const unsigned posix = POLICY_FAMILY_NATIVE | POLICY_FAMILY_POSIX;
	static const unsigned all = both | posix;
	static const struct {
		const char *text;
		unsigned expected, expected_unknown;
	} rows[] = {
		{ "", native, native },
		{ "[rule a]\nflock = ofd\n", both, both },
		{ "[rule a]\nflock = ofd\nshadow = yes\n", native, native },
		{ "[rule a]\nflock = fail\n", native, native },
		{ "[rule a]\nflock = succeed\nunsafe = yes\n", native, native },
		{ "[rule a]\nflock = posix\n", posix, posix },
		{ "[rule a]\nflock = both\n", both, both },
		{ "[rule a]\nflock = posix\nshadow = yes\n", native, native },
		{ "[rule a]\nflock = both\nshadow = yes\n", native, native },
		{ "[rule a]\nuser = 1\nflock = posix\n[rule b]\nflock = ofd\n", all, all },
		{ "[rule a]\nuser = 1\nflock = posix\nshadow = yes\n[rule b]\nflock = both\n", both,
		  both },
		{ "[rule a]\npath = /elsewhere/**\nflock = posix\n[rule b]\nflock = both\n", both,
		  all },
		{ "[rule a]\nservice = other\nflock = ofd\n", both, both },
		{ "[rule a]\npath = /elsewhere/**\nflock = ofd\n", native, both },
		{ "[rule a]\npath = /srv/**\nflock = ofd\n", both, both },
		{ "[rule a]\nfstype = ext4\n[rule b]\npath = /srv/**\nflock = ofd\n", native,
		  both },
		{ "[rule a]\nfstype = ext4\nuser = 1\n[rule b]\nflock = ofd\n", both, both },
		{ "[rule a]\nfilesystem = /a\nflock = ofd\n", native, both },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		assert_string_equal(unit_parse(rows[i].text), "ok");
		policy_bind(unit_policy, &imap);
		assert_int_equal(policy_families(unit_policy, &mailbox), rows[i].expected);
		assert_int_equal(policy_families(unit_policy, &unknown), rows[i].expected_unknown);
	}
}

static void test_policy_flock_values_have_families(void **state)
{
	static const unsigned expected[] = {
		[POLICY_FLOCK_PASS] = POLICY_FAMILY_NATIVE,
		[POLICY_FLOCK_OFD] = POLICY_FAMILY_OFD,
		[POLICY_FLOCK_POSIX] = POLICY_FAMILY_POSIX,
		[POLICY_FLOCK_BOTH] = POLICY_FAMILY_NATIVE | POLICY_FAMILY_OFD,
		[POLICY_FLOCK_SUCCEED] = 0,
		[POLICY_FLOCK_FAIL] = 0,
	};
	const struct policy_key *flock = policy_key_of_action(POLICY_FLOCK);
	size_t count = 0;

	(void)state;
	while (flock->choices[count])
		count++;
	assert_int_equal(count, COUNT(expected));
	for (size_t i = 0; i < COUNT(expected); i++)
		assert_int_equal(policy_flock_families((enum policy_flock_value)i), expected[i]);
}

static void test_policy_families_heed_the_overlay(void **state)
{
	(void)state;
	assert_string_equal(unit_parse("[rule a]\npath = /elsewhere/**\n"), "ok");
	assert_string_equal(unit_overlay("flock=ofd"), "ok");
	assert_int_equal(policy_families(unit_policy, &mailbox),
			 POLICY_FAMILY_NATIVE | POLICY_FAMILY_OFD);
	unit_forget();
}

/* What a rule that could not be asked would have made of a call, whichever call. */
static void test_policy_could_differ_in_any_call(void **state)
{
	static const struct {
		const char *text;
		bool expected;
	} rows[] = {
		{ "", false },
		{ "[rule a]\npath = /x\nflock = ofd\n", true },
		{ "[rule a]\npath = /x\nfcntl = ofd\n", true },
		{ "[rule a]\npath = /x\nofd = posix\n", true },
		{ "[rule a]\npath = /x\nfcntl = fail\n[rule b]\nfcntl = fail\n", false },
		{ "[rule a]\npath = /x\nfcntl = ofd\n[rule b]\nfcntl = fail\n", true },
		{ "[rule a]\npath = /x\nupgrade = atomic\nfail-errno = EIO\n", false },
		{ "[rule a]\nfstype = xfs\npath = /x\nfcntl = ofd\n", false },
		{ "[rule a]\nfstype = ext4\nofd = posix\n[rule b]\npath = /x\nofd = fail\n",
		  false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct policy_file file = { .fstype = "ext4" };
		const struct policy_rule *rule;
		const struct policy_actions *actions;

		assert_string_equal(unit_parse(rows[i].text), "ok");
		policy_bind(unit_policy, &imap);
		actions = policy_decide(unit_policy, &file, &rule);
		assert_int_equal(
			policy_could_differ(unit_policy, &file, 1u << POLICY_PATH, actions),
			rows[i].expected);
	}
}

static void test_policy_knows_what_changes_calls(void **state)
{
	static const struct {
		const char *text;
		bool expected;
	} rows[] = {
		{ "flock = pass\n", false },
		{ "open-mode = fail\nupgrade = atomic\nshadow = yes\n", false },
		{ "flock = ofd\n", true },
		{ "fcntl = ofd\n", true },
		{ "ofd = fail\n", true },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		char text[100];

		snprintf(text, sizeof(text), "[rule a]\n%s", rows[i].text);
		assert_string_equal(unit_parse(text), "ok");
		assert_int_equal(policy_changes_calls(&unit_policy->rules[0]->actions),
				 rows[i].expected);
	}
}

static const char *state_dir_of(const struct policy_process *process)
{
	policy_bind(unit_policy, process);
	return policy_process_text(unit_policy, POLICY_STATE_DIR)
		       ? policy_process_text(unit_policy, POLICY_STATE_DIR)
		       : "-";
}

/* It is the process's, whatever file a rule is for. */
static void test_policy_state_dir_is_the_first_bound_rules(void **state)
{
	static const struct policy_process web = { .service = "web" };

	(void)state;
	assert_string_equal(unit_parse("[rule a]\nservice = web\npath = /x\n"
				       "state-dir = /run/a b, c\n"
				       "[rule b]\nuser = 107\nfstype = xfs\nflock = ofd\n"
				       "[rule c]\nuser = 107\npath = /x\nstate-dir = /run/c\n"
				       "[rule d]\nuser = 107\nstate-dir = /run/d\n"
				       "[rule e]\nuser = 0\nstate-dir = /run/c\n"),
			    "ok");
	assert_null(policy_process_text(unit_policy, POLICY_STATE_DIR));
	assert_string_equal(state_dir_of(&web), "/run/a b, c");
	assert_string_equal(state_dir_of(&imap), "/run/c");
	assert_int_equal(unit_policy->texts_count, 3);
	assert_string_equal(unit_parse("[rule a]\nuser = 1\nstate-dir = /run/a\n"), "ok");
	assert_string_equal(state_dir_of(&imap), "-");
}

static void test_policy_state_dir_is_laid_over(void **state)
{
	(void)state;
	assert_string_equal(unit_parse("[rule a]\npath = /x\nstate-dir = /run/a\n"), "ok");
	assert_string_not_equal(unit_overlay("state-dir=/run/b;flock=odf"), "ok");
	assert_string_equal(state_dir_of(&imap), "/run/a");
	assert_string_equal(unit_overlay("state-dir=/run/b;flock=ofd"), "ok");
	assert_string_equal(state_dir_of(&imap), "/run/b");
	assert_string_equal(unit_parse(""), "ok");
	assert_string_equal(unit_overlay("state-dir = /run/c"), "ok");
	assert_string_equal(state_dir_of(&imap), "/run/c");
}

static void test_policy_decides_before_it_is_bound(void **state)
{
	const struct policy_rule *rule;

	(void)state;
	assert_string_equal(unit_parse("[rule a]\nflock = ofd\n"), "ok");
	assert_ptr_equal(policy_decide(unit_policy, &mailbox, &rule), &unit_policy->no_rule);
	assert_null(rule);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_policy_process_keys_fit_as_documented),
		cmocka_unit_test(test_policy_users_are_found_in_every_passwd_line),
		cmocka_unit_test(test_policy_file_keys_fit_as_documented),
		cmocka_unit_test(test_policy_unknown_facts_fit_no_key),
		cmocka_unit_test(test_policy_no_device_is_on_no_filesystem),
		cmocka_unit_test(test_policy_first_fitting_rule_decides),
		cmocka_unit_test(test_policy_misfit_is_the_first_in_table_order),
		cmocka_unit_test(test_policy_bind_says_what_must_be_asked),
		cmocka_unit_test(test_policy_without_file_keys_asks_nothing),
		cmocka_unit_test(test_policy_families_are_those_of_any_process),
		cmocka_unit_test(test_policy_flock_values_have_families),
		cmocka_unit_test(test_policy_families_heed_the_overlay),
		cmocka_unit_test(test_policy_could_differ_in_any_call),
		cmocka_unit_test(test_policy_knows_what_changes_calls),
		cmocka_unit_test(test_policy_state_dir_is_the_first_bound_rules),
		cmocka_unit_test(test_policy_state_dir_is_laid_over),
		cmocka_unit_test(test_policy_decides_before_it_is_bound),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
