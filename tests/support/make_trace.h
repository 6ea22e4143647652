/* SPDX-License-Identifier: MIT
 * One line of make_trace's script, as words of KEY=VALUE.
 *
 * t       when: seconds, or +seconds after the record before (default +0.000001)
 * pid tid (pid) prog ("prog") uid word (64) life part     whose; life and part: 0, 1, ...
 * id      lock release query wait hazard
 * call    flock fcntl ofd lockf close exit fork other
 * op      shared exclusive unlock (a release: unlock)
 * asked   flock OFD POSIX (by the call)        used      the same or none, joined by a comma
 * (asked) flags   blocking waited held lost keeper inherited read-only converted shadow; `waited`
 * and `held` come with their times, `blocking` with waited and with id=wait fd (3)  err: a number
 * or a name      hazards: names, joined by commas file    its path; without dev=MAJOR:MINOR and
 * ino= these come from the path start len (0)   rule   site=MODULE+0xOFFSET   blocker=PID waited
 * held     seconds discarded       counted in the stream's head
 *
 * \xHH, \n, \t, \s (a space) and \\ stand in any value. "#" begins a comment. "repeat N" and "end"
 * stand around lines that come N times. */
#ifndef TEST_MAKE_TRACE_H
#define TEST_MAKE_TRACE_H

#include <stdbool.h>

#include "tests/support/trace_files.h"

struct trace_line {
	struct trace_owner owner;
	struct trace_event event;
	uint64_t after; /* the time, from the last record on where it is relative */
	bool relative;
	uint32_t discarded;
	char *file, *rule, *module; /* NULL: none */
};

/* TEXT is changed. NULL, or what is wrong with it. */
const char *trace_line_read(char *text, struct trace_line *ret);

#endif
