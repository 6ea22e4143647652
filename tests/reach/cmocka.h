/* SPDX-License-Identifier: MIT
 * The part of cmocka that our tests use, under its names, for the classes where cmocka can't be
 * had: Debian has it for musl nowhere, and for i386 and arm64 only as a foreign architecture. */
#ifndef LOCKSHIM_TESTS_REACH_CMOCKA_H
#define LOCKSHIM_TESTS_REACH_CMOCKA_H

/* Adding an architecture would change the package lists of a developer's whole machine, and would
 * still leave musl out; cmocka's source comes with no package. So each class takes this one. */
#include <stddef.h>
#include <stdint.h>

struct CMUnitTest {
	const char *name;
	void (*test_func)(void **state);
	int (*setup_func)(void **state);
	int (*teardown_func)(void **state);
	void *initial_state;
};

#define cmocka_unit_test(test)                                                                     \
	{                                                                                          \
#test, test, NULL, NULL, NULL                                                      \
	}
#define cmocka_unit_test_setup_teardown(test, setup, teardown)                                     \
	{                                                                                          \
#test, test, setup, teardown, NULL                                                 \
	}

/* Returns how many failed. A group's setup is run once, before the first test. */
#define cmocka_run_group_tests(tests, setup, teardown)                                             \
	_cmocka_run_group_tests(#tests, tests, sizeof(tests) / sizeof((tests)[0]), setup, teardown)
int _cmocka_run_group_tests(const char *group, const struct CMUnitTest *tests, size_t count,
			    int (*setup)(void **state), int (*teardown)(void **state));

/* End the running test; outside of one, the program. */
_Noreturn void cmocka_skip(const char *file, int line);
_Noreturn void cmocka_fail(const char *file, int line, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

#define skip() cmocka_skip(__FILE__, __LINE__)
#define fail() cmocka_fail(__FILE__, __LINE__, "failed")
#define fail_msg(...) cmocka_fail(__FILE__, __LINE__, __VA_ARGS__)

void cmocka_expect(int holds, const char *file, int line, const char *text);
void cmocka_expect_number(int equal, intmax_t a, intmax_t b, const char *file, int line);
void cmocka_expect_range(uintmax_t value, uintmax_t low, uintmax_t high, const char *file,
			 int line);
void cmocka_expect_string(int equal, const char *a, const char *b, const char *file, int line);
void cmocka_expect_memory(const void *a, const void *b, size_t size, const char *file, int line);
void cmocka_expect_return(intmax_t result, int error, const char *file, int line);

#define assert_true(value) cmocka_expect(!!(value), __FILE__, __LINE__, #value)
#define assert_false(value) cmocka_expect(!(value), __FILE__, __LINE__, "not " #value)
#define assert_null(value) cmocka_expect((value) == NULL, __FILE__, __LINE__, #value " == NULL")
#define assert_non_null(value) cmocka_expect((value) != NULL, __FILE__, __LINE__, #value " != NULL")
#define assert_ptr_equal(a, b) cmocka_expect((a) == (b), __FILE__, __LINE__, #a " == " #b)
#define assert_ptr_not_equal(a, b) cmocka_expect((a) != (b), __FILE__, __LINE__, #a " != " #b)
#define assert_int_equal(a, b)                                                                     \
	cmocka_expect_number(1, (intmax_t)(a), (intmax_t)(b), __FILE__, __LINE__)
#define assert_int_not_equal(a, b)                                                                 \
	cmocka_expect_number(0, (intmax_t)(a), (intmax_t)(b), __FILE__, __LINE__)
#define assert_in_range(value, low, high)                                                          \
	cmocka_expect_range((uintmax_t)(value), low, high, __FILE__, __LINE__)
#define assert_string_equal(a, b) cmocka_expect_string(1, a, b, __FILE__, __LINE__)
#define assert_string_not_equal(a, b) cmocka_expect_string(0, a, b, __FILE__, __LINE__)
#define assert_memory_equal(a, b, size) cmocka_expect_memory(a, b, size, __FILE__, __LINE__)
#define assert_return_code(result, error) cmocka_expect_return(result, error, __FILE__, __LINE__)

#endif
