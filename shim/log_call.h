/* SPDX-License-Identifier: MIT
 * An event as strace would print the call, with what came of it. */
#ifndef LOCKSHIM_LOG_CALL_H
#define LOCKSHIM_LOG_CALL_H

#include "shim/log.h"
#include "shim/log_text.h"

/* "flock(5</srv/x>, LOCK_EX) = 0 as OFD, waited 1.204 ms, rule web" */
void log_put_call(struct log_line *line, const struct trace_event *event,
		  const struct log_words *words);

#endif
