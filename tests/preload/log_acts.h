/* SPDX-License-Identifier: MIT
 * The log by itself, without the shim around it: events made up, in a process of their own. */
#ifndef LOCKSHIM_TESTS_PRELOAD_LOG_ACTS_H
#define LOCKSHIM_TESTS_PRELOAD_LOG_ACTS_H

#include "shim/log.h"
#include "tests/preload/common.h"

#define LOG_TEXT_ROOM (1 << 20)

/* A granted LOCK_EX through descriptor 5, at 12:31:02.123456 UTC, of a file that is not there. */
struct trace_event log_granted(void);

/* Logs that so many times, of a file named PATH, under the rule "web". */
void log_some(unsigned times, const char *path);

/* ACT in a process of its own, which has a minute. Fails the test unless it comes to an end,
 * without a signal pending that it held back and with errno as it was. */
void log_in_process(void (*act)(const struct place *place), const struct place *place);

/* In such a process: ends it where CONDITION does not hold. */
void log_must(bool condition, int line);
#define must(condition) log_must(condition, __LINE__)

/* "log" in the place's directory; all that is in a file, cut off with a NUL: static. */
const char *log_path(const struct place *place);
const char *log_text_of(const char *path);

/* Counts the lines; fails the test where one is not whole. What they say was left out is added to
 * *ret_left_out. */
unsigned log_count(const char *text, unsigned *ret_left_out);

#endif
