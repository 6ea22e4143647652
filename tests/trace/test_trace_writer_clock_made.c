/* SPDX-License-Identifier: MIT
 * The counted clock beside a processor and a clock that are made: a start, a sleep, a clock that is
 * set. It may be wrong for a millisecond, never by more. */
#ifdef __x86_64__
#include <stdint.h>
#include <string.h>
#include <time.h>
#include <x86intrin.h>

#define SECOND UINT64_C(1000000000)
#define MILLISECOND UINT64_C(1000000)
#define TAKES 20 /* nanoseconds that one takes */
#define CALL 2000
#define TICKS 2 /* a nanosecond */

static uint64_t since_boot;     /* nanoseconds since the kernel began */
static uint64_t set_to, counts; /* what the clock says and the counter has beside that */

static uint64_t made_counter(void)
{
	since_boot += TAKES;
	return since_boot * TICKS + counts;
}

static int made_clock(clockid_t clock, struct timespec *ret)
{
	(void)clock;
	ret->tv_sec = (time_t)((since_boot + set_to) / SECOND);
	ret->tv_nsec = (long)((since_boot + set_to) % SECOND);
	return 0;
}

#define __rdtsc made_counter
#define clock_gettime made_clock
#include "tests/trace/traced.h"
#include "trace/writer_clock.c"

static uint64_t worst;  /* nanoseconds off */
static unsigned beyond; /* calls that were more than a microsecond off */

static void call_for(uint64_t lasts)
{
	uint64_t until = since_boot + lasts, time, off;

	worst = beyond = 0;
	while (since_boot < until) {
		since_boot += CALL;
		time = writer_clock_now();
		off = time > since_boot + set_to ? time - since_boot - set_to
						 : since_boot + set_to - time;
		beyond += off > 1000;
		if (off > worst)
			worst = off;
	}
}

static int begin(void **state)
{
	(void)state;
	memset(&writer_clock, 0, sizeof writer_clock);
	may_count = true;
	since_boot = counts = 0;
	set_to = 1800000000 * SECOND;
	return 0;
}

/* The counter ran for the firmware, and the kernel is young. */
static void test_trace_writer_clock_made_at_boot(void **state)
{
	(void)state;
	since_boot = 3 * SECOND;
	counts = 10 * SECOND * TICKS;
	call_for(3 * SECOND);
	assert_int_equal(beyond, 0);
	assert_true(writer_clock.limit);
}

/* The clock goes on, as it does when a machine wakes, and the counter stood. And the other way. */
static void test_trace_writer_clock_made_asleep(void **state)
{
	(void)state;
	for (uint64_t slept = MILLISECOND / 8; slept < 3600 * SECOND; slept *= 8) {
		begin(NULL);
		call_for(SECOND / 2);
		set_to += slept;
		call_for(3 * SECOND);
		assert_in_range(beyond, 0, 2 * MILLISECOND / CALL);
		begin(NULL);
		call_for(SECOND / 2);
		counts += slept * TICKS;
		call_for(3 * SECOND);
		assert_in_range(beyond, 0, 2 * MILLISECOND / CALL);
		assert_in_range(worst, 0, 2 * MILLISECOND);
	}
}

/* Back and forth, also while the first scale is measured. */
static void test_trace_writer_clock_made_is_set(void **state)
{
	(void)state;
	for (uint64_t by = 1; by < 100 * SECOND; by *= 27)
		for (uint64_t at = MILLISECOND; at < 3 * SECOND; at *= 9) {
			begin(NULL);
			call_for(at);
			set_to += by;
			call_for(at);
			set_to -= 2 * by;
			call_for(2 * SECOND);
			assert_in_range(beyond, 0, 2 * MILLISECOND / CALL);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_trace_writer_clock_made_at_boot, begin),
		cmocka_unit_test_setup(test_trace_writer_clock_made_asleep, begin),
		cmocka_unit_test_setup(test_trace_writer_clock_made_is_set, begin),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
#else
#include <stdio.h>

int main(void)
{
	puts("nothing is counted on this machine");
	return 77;
}
#endif
