/* SPDX-License-Identifier: MIT
 * LOCKSHIM_SET's items, laid over every rule and over "no rule". */
#include "tests/unit/unit.h"

#include <errno.h>
#include <string.h>

#define RULE "[rule a]\nuser = 1\n"
#define UNSAFE "flock = succeed lets several holders in; write unsafe = yes beside it"
#define ATOMIC_BOTH                                                                                \
	"upgrade = atomic can't be kept with flock = both, whose native half lets the shared "     \
	"lock go; use flock = ofd"

static int value(const struct policy_actions *actions, enum policy_action action)
{
	return actions->value[action];
}

static void test_policy_overlay_lays_single_keys(void **state)
{
	const struct policy_actions *rule;

	(void)state;
	assert_string_equal(unit_parse(RULE "flock = fail\nfail-errno = EIO\n"), "ok");
	assert_string_equal(unit_overlay("flock=ofd;shadow = yes"), "ok");
	rule = &unit_policy->rules[0]->actions;
	assert_int_equal(value(rule, POLICY_FLOCK), POLICY_FLOCK_OFD);
	assert_int_equal(value(rule, POLICY_FAIL_ERRNO), EIO);
	assert_int_equal(value(rule, POLICY_SHADOW), 1);
	assert_int_equal(rule->set,
			 1u << POLICY_FLOCK | 1u << POLICY_FAIL_ERRNO | 1u << POLICY_SHADOW);
	assert_int_equal(unit_policy->rules[0]->action_line[POLICY_SHADOW], 0);
	rule = &unit_policy->no_rule;
	assert_int_equal(value(rule, POLICY_FLOCK), POLICY_FLOCK_OFD);
	assert_int_equal(value(rule, POLICY_FAIL_ERRNO), ENOLCK);
	assert_int_equal(rule->set, 1u << POLICY_FLOCK | 1u << POLICY_SHADOW);
}

static void test_policy_overlay_accepts_what_it_documents(void **state)
{
	static const char *const texts[] = {
		"",
		";;\n;",
		" \t ; \n",
		"flock=ofd",
		"flock = ofd\n",
		";flock=ofd;",
		"flock=ofd\nfail-errno=EIO; shadow=yes",
		"flock=succeed;unsafe=yes",
		"unsafe=yes\nflock=succeed",
		"unsafe=no",
		"flock=posix;upgrade=atomic;open-mode=keeper",
		"flock=both\nupgrade=drop;open-mode=fail",
		"upgrade=atomic",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++) {
		assert_string_equal(unit_parse(RULE "flock = ofd\n"), "ok");
		assert_string_equal(unit_overlay(texts[i]), "ok");
	}
}

static void test_policy_overlay_errors_are_exact(void **state)
{
	static const struct unit_row rows[] = {
		{ "flok=ofd", "SET:1:1: unknown key \"flok\", did you mean \"flock\"?" },
		{ "shadow=yes;  flock = odf",
		  "SET:1:22: unknown value \"odf\" of \"flock\", did you mean \"ofd\"?" },
		{ "shadow=yes\nflock = odf",
		  "SET:1:20: unknown value \"odf\" of \"flock\", did you mean \"ofd\"?" },
		{ "flock", "SET:1:1: \"flock\" has no \"=\"; write KEY = VALUE" },
		{ "flock=", "SET:1:7: \"flock\" has no value; give one, or drop the key" },
		{ "=ofd", "SET:1:1: no key before \"=\"; write KEY = VALUE" },
		{ "flock=ofd; flock=ofd", "SET:1:12: a second \"flock\"; drop one" },
		{ "path=/x", "SET:1:1: \"path\" is a match key; only actions can be set here" },
		{ "include=/x",
		  "SET:1:1: \"include\" is for policy files; only actions can be set here" },
		{ "[rule a]", "SET:1:1: \"[rule a]\" has no \"=\"; write KEY = VALUE" },
		{ "shadow=no; flock=succeed", "SET:1:18: " UNSAFE },
		{ "unsafe=no", "SET:1:8: over rule \"a\" (p:1): " UNSAFE },
		{ "unsafe=no;flock=succeed", "SET:1:17: " UNSAFE },
		{ "flock=both; upgrade=atomic", "SET:1:21: " ATOMIC_BOTH },
		{ "upgrade=atomic\nflock=both", "SET:1:9: " ATOMIC_BOTH },
		{ "flock=both;unsafe=no", "ok" },
		{ "state-dir=/run/x;unsafe=yes", "ok" },
		{ "flock=ofd; state-dir=run",
		  "SET:1:22: \"run\" is not an absolute path; begin it with \"/\"" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		assert_string_equal(unit_parse(RULE "flock = succeed\nunsafe = yes\n"), "ok");
		assert_string_equal(unit_overlay(rows[i].text), rows[i].expected);
	}
}

/* Where the overlay and a rule contradict each other, the overlay's item is blamed. */
static void test_policy_overlay_meets_each_rule(void **state)
{
	static const struct {
		const char *rules, *overlay, *expected;
	} rows[] = {
		{ RULE "flock = both\n", "shadow=no; upgrade=atomic",
		  "SET:1:20: over rule \"a\" (p:1): " ATOMIC_BOTH },
		{ RULE "upgrade = atomic\n", "shadow=no; flock=both",
		  "SET:1:18: over rule \"a\" (p:1): " ATOMIC_BOTH },
		{ RULE "[rule b]\nuser = 2\nflock = both\n", "upgrade=atomic",
		  "SET:1:9: over rule \"b\" (p:3): " ATOMIC_BOTH },
		{ RULE "flock = both\n", "upgrade=atomic; flock=posix", "ok" },
		{ RULE "upgrade = atomic\n", "flock=both; upgrade=drop", "ok" },
		{ RULE "flock = succeed\nunsafe = yes\n", "flock=ofd; unsafe=no", "ok" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		assert_string_equal(unit_parse(rows[i].rules), "ok");
		assert_string_equal(unit_overlay(rows[i].overlay), rows[i].expected);
	}
}

static void test_policy_overlay_refuses_nul_bytes(void **state)
{
	(void)state;
	assert_string_equal(unit_parse(RULE), "ok");
	assert_int_equal(
		policy_overlay(unit_policy, "SET", "flock=o\0d", 9, &unit_memory, &unit_error),
		-EINVAL);
	assert_int_equal(unit_error.column, 8);
}

static void test_policy_overlay_survives_memory_running_out(void **state)
{
	(void)state;
	assert_string_equal(unit_parse(RULE "state-dir = /a\n"), "ok");
	unit_memory_fail_at = unit_memory_calls + 1;
	assert_string_equal(unit_overlay("flock=ofd;state-dir=/b"),
			    "SET:1:21: not enough memory to read the policy");
	unit_memory_fail_at = 0;
	assert_int_equal(value(&unit_policy->no_rule, POLICY_FLOCK), POLICY_FLOCK_PASS);
	assert_string_equal(unit_policy->texts[0], "/a");
	assert_int_equal(unit_policy->texts_count, 1);
}

static void test_policy_overlay_changes_nothing_on_an_error(void **state)
{
	uint64_t hash;

	(void)state;
	assert_string_equal(unit_parse(RULE "flock = fail\n"), "ok");
	hash = unit_policy->hash;
	assert_string_not_equal(unit_overlay("flock=ofd;shadow=maybe"), "ok");
	assert_int_equal(unit_policy->hash, hash);
	assert_int_equal(value(&unit_policy->no_rule, POLICY_FLOCK), POLICY_FLOCK_PASS);
	assert_int_equal(value(&unit_policy->rules[0]->actions, POLICY_FLOCK), POLICY_FLOCK_FAIL);
}

static void test_policy_overlay_is_part_of_the_hash(void **state)
{
	uint64_t whole;

	(void)state;
	assert_string_equal(unit_parse("#flock=ofd"), "ok");
	whole = unit_policy->hash;
	assert_string_equal(unit_parse("#"), "ok");
	assert_string_equal(unit_overlay("flock=ofd"), "ok");
	assert_int_equal(unit_policy->hash, whole);
}

static void test_policy_overlay_is_no_rule_for_reachability(void **state)
{
	(void)state;
	assert_string_equal(unit_parse("[rule a]\nuser = 1\n[rule b]\n"), "ok");
	assert_string_equal(unit_overlay("flock=ofd"), "ok");
	assert_int_equal(unit_policy->rules_count, 2);
	unit_forget();
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_policy_overlay_lays_single_keys),
		cmocka_unit_test(test_policy_overlay_accepts_what_it_documents),
		cmocka_unit_test(test_policy_overlay_errors_are_exact),
		cmocka_unit_test(test_policy_overlay_meets_each_rule),
		cmocka_unit_test(test_policy_overlay_refuses_nul_bytes),
		cmocka_unit_test(test_policy_overlay_survives_memory_running_out),
		cmocka_unit_test(test_policy_overlay_changes_nothing_on_an_error),
		cmocka_unit_test(test_policy_overlay_is_part_of_the_hash),
		cmocka_unit_test(test_policy_overlay_is_no_rule_for_reachability),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
