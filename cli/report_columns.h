/* SPDX-License-Identifier: MIT
 * The columns of a report's tables: one table for text, JSON and -o. */
#ifndef CLI_REPORT_COLUMNS_H
#define CLI_REPORT_COLUMNS_H

#include "cli/report_model.h"

enum cli_report_kind {
	CLI_REPORT_TEXT,
	CLI_REPORT_COUNT,
	CLI_REPORT_DURATION, /* in nanoseconds */
	CLI_REPORT_SHARE,    /* of 1, in millionths */
	CLI_REPORT_HAZARDS,  /* bits */
	CLI_REPORT_DEVICE,   /* major << 32 | minor */
};

struct cli_report_column {
	const char *name;
	enum cli_report_kind kind;
	uint64_t (*number)(const struct cli_report_row *row); /* NULL: the row's name */
	bool of_files;                                        /* has no meaning for other rows */
};

extern const struct cli_report_column cli_report_columns[];
extern const size_t cli_report_columns_count;

#define CLI_REPORT_COLUMNS_MOST 32

/* Those of one report, in the order wanted: places in cli_report_columns. */
struct cli_report_choice {
	size_t at[CLI_REPORT_COLUMNS_MOST];
	size_t count;
};

/* OUTPUT: what -o has; with a + before it the default ones come first. NULL: the default ones, or
 * ALL that there are. False once it is said which column is unknown. */
bool cli_report_choose(const char *output, bool all, enum cli_report_by by,
		       struct cli_report_choice *ret);

/* The heading: for the row's name FILE, PROGRAM or SITE. */
const char *cli_report_heading(const struct cli_report_column *column, enum cli_report_by by);

/* What the row is called. */
const char *cli_report_row_name(const struct cli_report_row *row, enum cli_report_by by);

/* As a table has it. */
const char *cli_report_cell(const struct cli_report_column *column,
			    const struct cli_report_row *row, enum cli_report_by by);

#endif
