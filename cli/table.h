/* SPDX-License-Identifier: MIT
 * Columns on standard output, as the util-linux tools lay them out. */
#ifndef CLI_TABLE_H
#define CLI_TABLE_H

struct libscols_table;

/* HEADINGS: NULL-terminated. The last column wraps where the terminal is narrow. */
struct libscols_table *cli_table_new(const char *const *headings);

/* A cell for each heading; NULL is an empty one. */
void cli_table_add(struct libscols_table *table, const char *const *cells);

/* Prints and frees. */
void cli_table_print(struct libscols_table *table);

#endif
