/* SPDX-License-Identifier: MIT
 * Tables by libsmartcols. */
#include "cli/table.h"
#include "cli/cli.h"

#include <err.h>
#include <libsmartcols.h>

static void need(bool done)
{
	if (!done)
		errx(CLI_FAILED, "cannot make a table");
}

struct libscols_table *cli_table_new(const char *const *headings)
{
	struct libscols_table *table = scols_new_table();

	need(table);
	for (; *headings; headings++)
		need(scols_table_new_column(table, *headings, 0, headings[1] ? 0 : SCOLS_FL_WRAP));
	return table;
}

void cli_table_add(struct libscols_table *table, const char *const *cells)
{
	struct libscols_line *line = scols_table_new_line(table, NULL);
	size_t columns = scols_table_get_ncols(table);

	need(line);
	for (size_t i = 0; i < columns; i++)
		need(!cells[i] || !scols_line_set_data(line, i, cells[i]));
}

void cli_table_print(struct libscols_table *table)
{
	need(!scols_print_table(table));
	scols_unref_table(table);
}
