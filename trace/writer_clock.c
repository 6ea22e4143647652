/* SPDX-License-Identifier: MIT
 * Each thread has its own: nothing here is shared, and nobody waits. */
#include "trace/writer_clock.h"

#ifdef __x86_64__
#include <string.h>

#include "trace/sys.h"

#define CLOCKSOURCE "/sys/devices/system/clocksource/clocksource0/current_clocksource"
#define COUNTED 1000000u /* nanoseconds */
/* Over how many nanoseconds a scale is measured: the first; the next ones, since the clock may be
 * slewed; and at most, since a machine that slept stops the clock and not the counter. */
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

static uint64_t monotonic(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* The counter in the midst of READ, whose answer goes to *TIME. False where it was interrupted. */
static bool read_both(uint64_t (*read)(void), uint64_t *ticks, uint64_t *time)
{
	uint64_t before = __rdtsc(), behind;

	*time = read();
	behind = __rdtsc();
	*ticks = before + (behind - before) / 2;
	return behind - before < READING;
}

/* 0 where it is none. TIME is below 2^32. */
static uint64_t scale_of(uint64_t ticks, uint64_t time)
{
	uint64_t scale = ticks ? (time << 32) / ticks : 0;

	return scale < SCALE_LEAST || scale > SCALE_MOST ? 0 : scale;
}

static void rate(struct writer_clock *clock)
{
	uint64_t ticks, time, passed;

	if (!read_both(monotonic, &ticks, &time))
		return;
	passed = time - clock->rated_time;
	if (passed < (clock->scale ? RATED : RATED_FIRST))
		return;
	if (passed <= RATED_MOST)
		clock->scale = scale_of(ticks - clock->rated_ticks, passed);
	clock->rated_ticks = ticks;
	clock->rated_time = time;
}

static uint64_t renew(struct writer_clock *clock)
{
	uint64_t ticks, time;
	bool undisturbed;

	rate(clock);
	undisturbed = read_both(trace_now, &ticks, &time);
	clock->ticks = ticks;
	clock->time = time;
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
	clock->limit = undisturbed && clock->scale ? ((uint64_t)COUNTED << 32) / clock->scale : 0;
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
