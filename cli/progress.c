/* SPDX-License-Identifier: MIT
 * Looks at the clock once in some thousand records. */
#include "cli/progress.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { LOOK_EVERY = 4096, FIRST_MS = 1000, EVERY_MS = 100, WIDTH = 40 };

static long long since;
static bool is_drawn;

static long long now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (long long)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void draw(const struct trace_reader *reader)
{
	uint64_t all, done;
	char bar[WIDTH + 1];
	unsigned filled;

	trace_reader_progress(reader, &all, &done);
	if (!all)
		return;
	filled = (unsigned)((double)done / (double)all * WIDTH);
	memset(bar, ' ', WIDTH);
	memset(bar, '#', filled < WIDTH ? filled : WIDTH);
	bar[WIDTH] = '\0';
	fprintf(stderr, "\rreading the trace [%s] %3u%%", bar,
		(unsigned)((double)done / (double)all * 100));
	is_drawn = true;
}

void cli_progress_step(const struct trace_reader *reader)
{
	static unsigned records;
	static long long next;
	long long now;

	if (++records % LOOK_EVERY)
		return;
	now = now_ms();
	if (!since) {
		since = now;
		next = isatty(STDERR_FILENO) ? now + FIRST_MS : INT64_MAX;
	}
	if (now < next)
		return;
	next = now + EVERY_MS;
	draw(reader);
}

void cli_progress_end(void)
{
	if (is_drawn)
		fputs("\r\033[K", stderr);
	is_drawn = false;
}
