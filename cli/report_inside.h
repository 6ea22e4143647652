/* SPDX-License-Identifier: MIT
 * The inside of the model: for report_*.c that fill it. */
#ifndef CLI_REPORT_INSIDE_H
#define CLI_REPORT_INSIDE_H

#include "cli/report_model.h"

/* report_names.c */

/* A text for a file: its path, or else DEVICE:INODE. One pointer for one text. */
const char *cli_report_file(struct cli_report_model *model, uint64_t device, uint64_t inode,
			    const char *path);

/* Makes the process known; once for each record's. */
void cli_report_meet(struct cli_report_model *model, struct trace_process *process);

struct cli_report_party cli_report_party(const struct trace_process *process);

/* The process of that number that was met last, else one that was not traced. */
struct cli_report_party cli_report_party_of_pid(struct cli_report_model *model, int32_t pid);

/* The row that a lock counts in; NULL: it has none. */
struct cli_report_row *cli_report_row(struct cli_report_model *model, const struct cli_lock *lock);

/* report_waits.c: for struct cli_holders_calls. */
void cli_report_waited_for(void *context, const struct cli_wait *wait, const struct cli_hold *hold,
			   uint64_t begin, uint64_t end);
void cli_report_waited(void *context, const struct cli_wait *wait, uint64_t end,
		       enum cli_wait_end how, int error);

/* report_cycles.c */
void cli_report_cycle(void *context, const struct cli_wait *const *waits, size_t count,
		      uint64_t time);
void cli_report_refused_cycle(struct cli_report_model *model, const struct cli_lock *lock);

#endif
