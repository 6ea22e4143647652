/* SPDX-License-Identifier: MIT
 * The time of the call that a program makes a million times. Reading CLOCK_REALTIME is the dearest
 * part of such a call, and most of that is waiting for the processor to put its own counter in
 * order. Behind a system call it is in order: so the clock is read once a millisecond, and what
 * lies between is counted. Only where the kernel's own clock goes by that counter. */
#ifndef LOCKSHIM_TRACE_WRITER_CLOCK_H
#define LOCKSHIM_TRACE_WRITER_CLOCK_H

#include "trace/writer.h"

#ifdef __x86_64__
#include <x86intrin.h>

/* Of the thread: `time` is CLOCK_REALTIME's nanoseconds at `ticks`. */
struct writer_clock {
	uint64_t ticks, time;
	uint64_t scale; /* nanoseconds of a tick, times 2^32 */
	uint64_t limit; /* ticks that may be counted behind `ticks`; 0: ask the clock */
	uint64_t rated, rated_ticks, rated_time; /* the last measured, and from where the next is */
	bool renewing;
};
extern __thread struct writer_clock writer_clock __attribute__((tls_model("initial-exec")));

/* At the start of the trace. */
void writer_clock_start(void);

/* Reads the clock, and counts from there on. */
uint64_t writer_clock_renew(void);

/* Nanoseconds of CLOCK_REALTIME, to some hundred of them; where that is set it is followed within a
 * millisecond. */
static inline uint64_t writer_clock_now(void)
{
	const volatile struct writer_clock *clock = &writer_clock;
	uint64_t limit = clock->limit, from, since, time;

	/* The counter may be forbidden, or dear, where it is none to go by. */
	if (__builtin_expect(!limit, 0))
		return writer_clock_renew();
	from = clock->ticks;
	since = __rdtsc() - from;
	time = clock->time + (since * clock->scale >> 32);
	/* A signal handler may have renewed it in between. */
	if (__builtin_expect(since < limit && clock->ticks == from, 1))
		return time;
	return writer_clock_renew();
}
#else
static inline void writer_clock_start(void)
{
}
static inline uint64_t writer_clock_now(void)
{
	return trace_now();
}
#endif

#endif
