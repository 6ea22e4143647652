/* SPDX-License-Identifier: MIT
 * Each thread has its own: nothing here is shared, and nobody waits. */
#include "trace/writer_clock.h"

#ifdef __x86_64__
#include <string.h>

#include "trace/sys.h"

#define CLOCKSOURCE "/sys/devices/system/clocksource/clocksource0/current_clocksource"
#define COUNTED 1000000u /* nanoseconds */
/* Over how many nanoseconds a scale is measured: the first ones; later, since the clock may be
 * slewed; and at most, since the counter may not have counted while the machine slept. */
#define RATED_FIRST 16000000u
#define RATED 1000000000u
#define RATED_MOST 4000000000u
#define READING 4000u /* ticks that reading the clock takes at most, undisturbed */
/* Scales beyond these are none of a processor's counter. */
#define SCALE_LEAST (UINT64_C(1) << 28)
#define SCALE_MOST (UINT64_C(4) << 32)

__thread struct writer_clock writer_clock __attribute__((tls_model("initial-exec")));

static bool may_count;

void writer_clock_start(void)
{
	char name[8] = "";
	int fd = sys_openat(AT_FDCWD, CLOCKSOURCE, O_RDONLY, 0);

	if (fd < 0)
		return;
	may_count = sys_read(fd, name, sizeof name - 1) == 4 && !memcmp(name, "tsc\n", 4);
	sys_close(fd);
}

/* 0 where it is none. TIME is below 2^32. */
static uint64_t scale_of(uint64_t ticks, uint64_t time)
{
	uint64_t scale = ticks ? (time << 32) / ticks : 0;

	return scale < SCALE_LEAST || scale > SCALE_MOST ? 0 : scale;
}

static bool agree(uint64_t one, uint64_t other)
{
	return (one > other ? one - other : other - one) <= one >> 12;
}

/* A clock that is set gives a wrong scale, but not twice the same. */
static void rate(struct writer_clock *clock)
{
	uint64_t passed = clock->time - clock->rated_time, scale;

	if (passed < (clock->scale ? RATED : RATED_FIRST))
		return;
	if (passed <= RATED_MOST) {
		scale = scale_of(clock->ticks - clock->rated_ticks, passed);
		clock->scale = agree(scale, clock->rated) ? scale : 0;
		clock->rated = scale;
	}
	clock->rated_ticks = clock->ticks;
	clock->rated_time = clock->time;
}

static uint64_t renew(struct writer_clock *clock)
{
	uint64_t before = __rdtsc(), time = trace_now(), behind = __rdtsc();

	clock->ticks = before + (behind - before) / 2;
	clock->time = time;
	if (behind - before < READING) {
		rate(clock);
		__atomic_signal_fence(__ATOMIC_SEQ_CST);
		clock->limit = clock->scale ? ((uint64_t)COUNTED << 32) / clock->scale : 0;
	}
	return time;
}

/* A signal handler that comes to it in the midst only asks the clock. */
uint64_t writer_clock_renew(void)
{
	struct writer_clock *clock = &writer_clock;
	uint64_t time;

	if (!may_count || clock->renewing)
		return trace_now();
	clock->renewing = true;
	clock->limit = 0;
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
	time = renew(clock);
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
	clock->renewing = false;
	return time;
}
#endif
