/* SPDX-License-Identifier: MIT
 * Tables of a report: as table.h, with columns that stand right. */
#ifndef CLI_REPORT_TABLE_H
#define CLI_REPORT_TABLE_H

#include <stdbool.h>
#include <stddef.h>

struct libscols_table;

struct libscols_table *cli_report_table_new(bool headings);

/* The next column. RIGHT: of numbers. LAST: may wrap. */
void cli_report_table_column(struct libscols_table *table, const char *heading, bool right,
			     bool last);

/* COUNT cells; NULL is an empty one. */
void cli_report_table_add(struct libscols_table *table, const char *const *cells, size_t count);

/* Prints and frees. */
void cli_report_table_print(struct libscols_table *table);

#endif
