/* SPDX-License-Identifier: MIT
 * One record of a trace on standard output: as a line of text, or of JSON. */
#ifndef CLI_TRACE_PRINT_H
#define CLI_TRACE_PRINT_H

#include "trace/reader.h"

/* "12:31:02.123456 php[10/13] flock(3</srv/s>, LOCK_EX) = 0 as OFD, waited 1.204 ms", in local
 * time. A day that begins gets a line of its own before. */
void cli_trace_print_text(const struct trace_record *record);

/* A wait that nothing ended, under a heading of its own before the first. */
void cli_trace_print_pending(const struct trace_record *record);

/* One object, whose fields lockshim(1) has. */
void cli_trace_print_json(const struct trace_record *record);

#endif
