/* SPDX-License-Identifier: MIT
 * Who still waits where a trace ends. */
#ifndef CLI_TRACE_PENDING_H
#define CLI_TRACE_PENDING_H

#include "cli/index.h"
#include "trace/reader.h"

/* Zeroed: nobody waits. */
struct cli_pending {
	struct cli_index threads;
};

/* The next record. WANTED: its wait is to be printed. */
void cli_pending_take(struct cli_pending *pending, const struct trace_record *record, bool wanted);

/* In the order of their times. Who was killed while it waited is among them. */
void cli_pending_print(const struct cli_pending *pending);

#endif
