/* SPDX-License-Identifier: MIT
 * The tables, measured and printed. */
#ifndef LOCKSHIM_TESTS_CONFORMANCE_PRINT_H
#define LOCKSHIM_TESTS_CONFORMANCE_PRINT_H

#include <stdbool.h>

struct options {
	const char *preload; /* NULL: only what is bare */
	/* Parts of a name, or NULL. */
	const char *table, *column, *row;
	bool programs;
};

/* A probe is this program again: `--probe TABLE ROW COLUMN SOCKET FILE`. Returns the cells that
 * differ, -1 where nothing could be measured. */
int print_tables(const struct options *options);

struct table;
extern const struct table *const tables[];
extern const unsigned tables_count;

#endif
