/* SPDX-License-Identifier: MIT
 * A line of text, made without stdio. What finds no room is cut off. */
#ifndef LOCKSHIM_LOG_TEXT_H
#define LOCKSHIM_LOG_TEXT_H

#include <stddef.h>
#include <stdint.h>

#define LOG_LINE_ROOM 800 /* one write to a pipe is whole up to 4,096 */

struct log_line {
	size_t used;
	char text[LOG_LINE_ROOM];
};

void log_put(struct log_line *line, const char *text);
void log_put_number(struct log_line *line, uint64_t number);
void log_put_signed(struct log_line *line, int64_t number);
/* With zeros in front, so that it has DIGITS of them. */
void log_put_digits(struct log_line *line, uint64_t number, unsigned digits);
/* A name that anybody may have chosen, so that it can end neither the line nor its own place in it:
 * quotes, backslashes, angle brackets and all that is not printable ASCII as \ooo or after a
 * backslash. Of more than MOST bytes of output only the end, after "...". */
void log_put_name(struct log_line *line, const char *name, size_t most);
/* Nanoseconds as milliseconds, or as seconds. */
void log_put_duration(struct log_line *line, uint64_t nanoseconds);
/* Nanoseconds since 1970 as a time of day, UTC. */
void log_put_time(struct log_line *line, uint64_t nanoseconds);
/* The end of the line. */
void log_put_end(struct log_line *line);

#endif
