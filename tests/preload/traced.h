/* SPDX-License-Identifier: MIT
 * What a preloaded program's trace has, as lines. */
#ifndef LOCKSHIM_TESTS_PRELOAD_TRACED_H
#define LOCKSHIM_TESTS_PRELOAD_TRACED_H

#include "tests/preload/parts.h"
#include "trace/reader.h"

/* Runs the scenario under SET ("LOCKSHIM_SET=…") with a trace in the place, and compares its events
 * with EXPECTED, a line each: id, call, operation, family asked, families used, flags by name,
 * "error N", section as START+LENGTH where it is not the whole file, "blocker". Each has to name
 * the place's file, the rule and this program as what called. Skipped where there is no shim. */
void assert_traced(const char *name, const struct place *place, const char *set,
		   const char *expected);

/* The same without comparing; the trace stays until the next. */
void run_traced(const char *name, const struct place *place, const char *set);

/* For trace_reader_open(): a test of a damaged trace fails. */
void traced_damaged(const struct trace_damage *damage, void *context);

/* Its events, of all processes by time. Damage fails the test. */
typedef void traced_see(const struct trace_record *record, void *context);
void traced_each(const struct place *place, traced_see *see, void *context);

/* The events as lines, of all processes by time; in static memory. */
const char *traced_lines(const struct place *place);

#endif
