/* SPDX-License-Identifier: MIT
 * The inside of a page's data: for html_data.c, html_order.c and html_tables.c alone. */
#ifndef CLI_HTML_DATA_INSIDE_H
#define CLI_HTML_DATA_INSIDE_H

#include "cli/html_data.h"

/* What a page refers to by number. */
struct cli_html_tables {
	struct cli_html_set names, files, sites, processes, calls, lanes, errors;
};

/* The place of a span on the page. */
struct cli_html_place {
	uint64_t number;
	size_t at;
};

struct cli_html_out {
	struct cli_html_text *text;
	const struct cli_html_data *data;
	struct cli_html_spans *store;
	struct cli_html_tables tables;
	struct cli_html_place *places; /* by number */
	size_t places_count;
	uint64_t origin, end;
};

void cli_html_open_key(struct cli_html_out *out, const char *key, const char *bracket);

/* html_order.c */

/* Leaves out bystanders that nobody waited for, sorts the spans by time, and makes `places`. */
void cli_html_order(struct cli_html_out *out);

/* NULL where it was dropped, or never told. */
const struct cli_html_place *cli_html_find(const struct cli_html_out *out, uint64_t number);

/* html_tables.c: what refers to a table goes before it, since the table grows by that. */

void cli_html_tables_init(struct cli_html_tables *tables);
void cli_html_tables_put(struct cli_html_out *out);
void cli_html_tables_clear(struct cli_html_tables *tables);

#endif
