/* SPDX-License-Identifier: MIT
 * LOCKSHIM_TRACE and LOCKSHIM_LOG: under what rules record, over where they put it. */
#include "tests/unit/unit.h"

#include <errno.h>
#include <string.h>

static const struct policy_process nobody;

static int record(enum policy_action action, const char *where)
{
	return policy_record(unit_policy, action, "VARIABLE", where, &unit_memory, &unit_error);
}

static int of_rule(size_t rule, enum policy_action action)
{
	return unit_policy->rules[rule]->actions.value[action];
}

static void test_policy_record_lies_under_the_rules(void **state)
{
	(void)state;
	assert_string_equal(unit_parse("[rule a]\npath = /a\ntrace = no\n"
				       "[rule b]\npath = /b\ntrace = errors\nlog = contended\n"
				       "[rule c]\nflock = ofd\n"),
			    "ok");
	assert_int_equal(record(POLICY_TRACE, "/t"), 0);
	assert_int_equal(of_rule(0, POLICY_TRACE), POLICY_RECORD_NO);
	assert_int_equal(of_rule(1, POLICY_TRACE), POLICY_RECORD_ERRORS);
	assert_int_equal(of_rule(2, POLICY_TRACE), POLICY_RECORD_ALL);
	assert_int_equal(unit_policy->no_rule.value[POLICY_TRACE], POLICY_RECORD_ALL);
	assert_int_equal(of_rule(2, POLICY_LOG), POLICY_RECORD_NO);
	assert_int_equal(record(POLICY_LOG, "syslog"), 0);
	assert_int_equal(of_rule(1, POLICY_LOG), POLICY_RECORD_CONTENDED);
	assert_int_equal(of_rule(2, POLICY_LOG), POLICY_RECORD_ALL);
	assert_int_equal(of_rule(1, POLICY_FLOCK), POLICY_FLOCK_PASS);
}

static void test_policy_record_says_where_over_the_rules(void **state)
{
	(void)state;
	assert_string_equal(unit_parse("[rule a]\ntrace-directory = /a\nlog-to = /a/log\n"), "ok");
	policy_bind(unit_policy, &nobody);
	assert_string_equal(policy_process_text(unit_policy, POLICY_TRACE_DIRECTORY), "/a");
	assert_int_equal(record(POLICY_TRACE, "/t"), 0);
	assert_int_equal(record(POLICY_LOG, "stderr"), 0);
	assert_string_equal(policy_process_text(unit_policy, POLICY_TRACE_DIRECTORY), "/t");
	assert_string_equal(policy_process_text(unit_policy, POLICY_LOG_TO), "stderr");
	assert_int_equal(unit_policy->recorded, 1u << POLICY_TRACE | 1u << POLICY_TRACE_DIRECTORY |
							1u << POLICY_LOG | 1u << POLICY_LOG_TO);
	assert_string_equal(unit_overlay("trace=no; log-to=syslog"), "ok");
	assert_int_equal(of_rule(0, POLICY_TRACE), POLICY_RECORD_NO);
	assert_string_equal(policy_process_text(unit_policy, POLICY_TRACE_DIRECTORY), "/t");
	assert_string_equal(policy_process_text(unit_policy, POLICY_LOG_TO), "syslog");
	assert_int_equal(unit_policy->recorded, 1u << POLICY_TRACE_DIRECTORY | 1u << POLICY_LOG);
}

static void test_policy_record_changes_nothing_on_an_error(void **state)
{
	static const struct {
		enum policy_action action;
		const char *where, *text;
	} rows[] = {
		{ POLICY_TRACE, "t", "\"t\" is not an absolute path; begin it with \"/\"" },
		{ POLICY_LOG, "t",
		  "unknown value \"t\" of \"log-to\"; use stderr, syslog or an absolute path" },
		{ POLICY_LOG, "",
		  "unknown value \"\" of \"log-to\"; use stderr, syslog or an "
		  "absolute path" },
	};

	(void)state;
	assert_string_equal(unit_parse("[rule a]\ntrace-directory = /a\n"), "ok");
	for (size_t i = 0; i < COUNT(rows); i++) {
		assert_int_equal(record(rows[i].action, rows[i].where), -EINVAL);
		assert_string_equal(unit_error.text, rows[i].text);
		assert_string_equal(unit_error.file, "VARIABLE");
	}
	unit_memory_fail_at = unit_memory_calls + 1;
	assert_int_equal(record(POLICY_TRACE, "/t"), -ENOMEM);
	unit_memory_fail_at = 0;
	assert_int_equal(unit_policy->recorded, 0);
	assert_int_equal(of_rule(0, POLICY_TRACE), POLICY_RECORD_NO);
	assert_int_equal(unit_policy->texts_count, 1);
}

static void test_policy_process_values_are_the_first_bound_rules(void **state)
{
	static const struct policy_process web = { .service = "web" };

	(void)state;
	assert_string_equal(unit_parse("[rule a]\nservice = web\npath = /x\ntrace-size = 1M\n"
				       "[rule b]\npath = /y\ntrace-full = overwrite\n"
				       "[rule c]\ntrace-size = 65536\nlog = errors\n"),
			    "ok");
	assert_int_equal(policy_process_size(unit_policy, POLICY_TRACE_SIZE), 256 << 20);
	policy_bind(unit_policy, &web);
	assert_int_equal(policy_process_size(unit_policy, POLICY_TRACE_SIZE), 1 << 20);
	assert_int_equal(policy_process_value(unit_policy, POLICY_TRACE_FULL),
			 POLICY_TRACE_FULL_OVERWRITE);
	assert_null(policy_process_text(unit_policy, POLICY_LOG_TO));
	policy_bind(unit_policy, &nobody);
	assert_int_equal(policy_process_size(unit_policy, POLICY_TRACE_SIZE), 64 << 10);
}

/* A process that is watched alone must not look as one under another policy. */
static void test_policy_recording_is_not_of_the_hash(void **state)
{
	uint64_t hash;

	(void)state;
	assert_string_equal(unit_parse("[rule a]\nflock = ofd\n"), "ok");
	hash = unit_policy->hash;
	assert_int_equal(record(POLICY_TRACE, "/t"), 0);
	assert_string_equal(unit_overlay("log = all; log-to = syslog; trace-size = 1G"), "ok");
	assert_int_equal(unit_policy->hash, hash);
	assert_string_equal(unit_parse("[rule a]\nflock = ofd\n"), "ok");
	assert_string_equal(unit_overlay("log = all; shadow = yes"), "ok");
	assert_int_not_equal(unit_policy->hash, hash);
	unit_forget();
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_policy_record_lies_under_the_rules),
		cmocka_unit_test(test_policy_record_says_where_over_the_rules),
		cmocka_unit_test(test_policy_record_changes_nothing_on_an_error),
		cmocka_unit_test(test_policy_process_values_are_the_first_bound_rules),
		cmocka_unit_test(test_policy_recording_is_not_of_the_hash),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
