/* SPDX-License-Identifier: MIT
 * A bar on standard error while a long trace is read: where that is a terminal, after a second. */
#ifndef CLI_PROGRESS_H
#define CLI_PROGRESS_H

#include "trace/reader.h"

/* After each record; cheap. */
void cli_progress_step(const struct trace_reader *reader);

/* Takes the bar away. */
void cli_progress_end(void);

#endif
