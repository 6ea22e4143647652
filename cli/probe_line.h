/* SPDX-License-Identifier: MIT
 * Whole lines of text over a pipe. */
#ifndef CLI_PROBE_LINE_H
#define CLI_PROBE_LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Longest line, with its end. */
#define PROBE_LINE_MAX 160

/* False where the other side is gone. */
bool probe_line_write(int to, const char *line);
bool probe_line_read(int from, char line[PROBE_LINE_MAX]);

/* Reads the word that stands next, and steps over it; false where there is none, where it is longer
 * than SIZE has room for, or is no number. */
bool probe_line_word(const char **at, char *ret, size_t size);
bool probe_line_number(const char **at, long long *ret);

/* Nanoseconds of the monotonic clock. */
uint64_t probe_clock(void);

#endif
