/* SPDX-License-Identifier: MIT
 * What lockshim report prints of a model. */
#ifndef CLI_REPORT_H
#define CLI_REPORT_H

#include "cli/report_columns.h"
#include "cli/report_model.h"

struct cli_report {
	const char *directory;
	struct cli_report_model model;
	struct cli_report_choice columns;
	uint64_t discarded;
	uint64_t min_wait; /* pairs that never waited that long are left out */
	/* Sorted, NULL at the end. */
	struct cli_report_row **rows;
	struct cli_report_pair **pairs;
	struct cli_report_pair **merged; /* where they are many: by the waiters' programs */
	struct cli_report_cycle **cycles;
	struct cli_report_hazard **hazards;
};

/* Fills the lists: what cost most first. */
void cli_report_sort(struct cli_report *report);

/* HEADINGS false: the first table alone. */
void cli_report_print(const struct cli_report *report, bool headings);

void cli_report_print_json(const struct cli_report *report);

#endif
