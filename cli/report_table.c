/* SPDX-License-Identifier: MIT
 * Tables by libsmartcols. */
#include "cli/report_table.h"
#include "cli/cli.h"

#include <err.h>
#include <libsmartcols.h>

static void need(bool done)
{
	if (!done)
		errx(CLI_FAILED, "cannot make a table");
}

struct libscols_table *cli_report_table_new(bool headings)
{
	struct libscols_table *table = scols_new_table();

	need(table && !scols_table_enable_noheadings(table, !headings));
	return table;
}

void cli_report_table_column(struct libscols_table *table, const char *heading, bool right,
			     bool last)
{
	int flags = (right ? SCOLS_FL_RIGHT : 0) | (last ? SCOLS_FL_WRAP : 0);

	need(scols_table_new_column(table, heading, 0, flags));
}

void cli_report_table_add(struct libscols_table *table, const char *const *cells, size_t count)
{
	struct libscols_line *line = scols_table_new_line(table, NULL);

	need(line);
	for (size_t i = 0; i < count; i++)
		need(!cells[i] || !scols_line_set_data(line, i, cells[i]));
}

void cli_report_table_print(struct libscols_table *table)
{
	need(!scols_print_table(table));
	scols_unref_table(table);
}
