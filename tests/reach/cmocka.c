/* SPDX-License-Identifier: MIT
 * Runs tests as cmocka does: a failed assertion leaves the test by longjmp. */
#include "tests/reach/cmocka.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum end { PASSED, FAILED, SKIPPED };

static jmp_buf out_of_test;
static int in_test;

static _Noreturn void leave(enum end how)
{
	fflush(NULL);
	if (in_test)
		longjmp(out_of_test, how);
	exit(1);
}

void cmocka_skip(const char *file, int line)
{
	fprintf(stderr, "%s:%d: skipped\n", file, line);
	leave(SKIPPED);
}

void cmocka_fail(const char *file, int line, const char *format, ...)
{
	va_list arguments;

	fprintf(stderr, "%s:%d: error: ", file, line);
	va_start(arguments, format);
	vfprintf(stderr, format, arguments);
	va_end(arguments);
	fputc('\n', stderr);
	leave(FAILED);
}

void cmocka_expect(int holds, const char *file, int line, const char *text)
{
	if (!holds)
		cmocka_fail(file, line, "is not so: %s", text);
}

void cmocka_expect_number(int equal, intmax_t a, intmax_t b, const char *file, int line)
{
	if ((a == b) != equal)
		cmocka_fail(file, line, "%jd %s %jd", a, equal ? "!=" : "==", b);
}

void cmocka_expect_range(uintmax_t value, uintmax_t low, uintmax_t high, const char *file, int line)
{
	if (value < low || value > high)
		cmocka_fail(file, line, "%ju is not in %ju to %ju", value, low, high);
}

void cmocka_expect_string(int equal, const char *a, const char *b, const char *file, int line)
{
	if ((strcmp(a, b) == 0) != equal)
		cmocka_fail(file, line, "\"%s\" %s \"%s\"", a, equal ? "!=" : "==", b);
}

void cmocka_expect_memory(const void *a, const void *b, size_t size, const char *file, int line)
{
	if (memcmp(a, b, size))
		cmocka_fail(file, line, "%zu bytes differ", size);
}

void cmocka_expect_return(intmax_t result, int error, const char *file, int line)
{
	if (result < 0)
		cmocka_fail(file, line, "%jd: %s", result, strerror(error));
}

/* A function of its own: what is assigned here is not read after the jump. */
static enum end run(void (*function)(void **state), void **state)
{
	int how = setjmp(out_of_test);

	if (how)
		return (enum end)how;
	function(state);
	return PASSED;
}

static enum end run_one(const struct CMUnitTest *test)
{
	void *state = test->initial_state;
	enum end end;

	if (test->setup_func && test->setup_func(&state))
		return FAILED;
	in_test = 1;
	end = run(test->test_func, &state);
	in_test = 0;
	if (test->teardown_func && test->teardown_func(&state))
		return FAILED;
	return end;
}

int _cmocka_run_group_tests(const char *group, const struct CMUnitTest *tests, size_t count,
			    int (*setup)(void **state), int (*teardown)(void **state))
{
	static const char *const words[] = { "      OK", "  FAILED", " SKIPPED" };
	void *state = NULL;
	int failed = 0;

	printf("%s: %zu test(s)\n", group, count);
	fflush(stdout);
	if (setup && setup(&state))
		return (int)count;
	for (size_t i = 0; i < count; i++) {
		enum end end = run_one(&tests[i]);

		printf("[%s ] %s\n", words[end], tests[i].name);
		fflush(stdout); /* a test may fork */
		failed += end == FAILED;
	}
	if (teardown && teardown(&state))
		failed++;
	printf("%d of %zu failed\n", failed, count);
	return failed;
}
