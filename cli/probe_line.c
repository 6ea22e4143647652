/* SPDX-License-Identifier: MIT
 * Lines are short, so a byte at a time is read: none is taken from the line after. */
#include "cli/probe_line.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
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

bool probe_line_word(const char **at, char *ret, size_t size)
{
	const char *begin = *at + strspn(*at, " ");
	size_t length = strcspn(begin, " ");

	if (!length || length >= size)
		return false;
	memcpy(ret, begin, length);
	ret[length] = '\0';
	*at = begin + length + strspn(begin + length, " ");
	return true;
}

bool probe_line_number(const char **at, long long *ret)
{
	char word[24], *end;

	if (!probe_line_word(at, word, sizeof(word)))
		return false;
	errno = 0;
	*ret = strtoll(word, &end, 10);
	return !*end && !errno;
}

uint64_t probe_clock(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}
