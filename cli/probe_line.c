/* SPDX-License-Identifier: MIT
 * Lines are short, so a byte at a time is read: none is taken from the line after. */
#include "cli/probe_line.h"

#include <errno.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

bool probe_line_write(int to, const char *line)
{
	char text[PROBE_LINE_MAX];
	int length = snprintf(text, sizeof(text), "%s\n", line);

	return length < PROBE_LINE_MAX && write(to, text, (size_t)length) == length;
}

bool probe_line_read(int from, char line[PROBE_LINE_MAX])
{
	size_t length = 0;

	while (length < PROBE_LINE_MAX) {
		ssize_t got = read(from, &line[length], 1);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return false;
		if (line[length] == '\n') {
			line[length] = '\0';
			return true;
		}
		length++;
	}
	return false;
}

uint64_t probe_clock(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}
