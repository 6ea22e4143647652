/* SPDX-License-Identifier: MIT
 * The contract's table: a row is what a program does, a column is what flock is there, a cell is
 * one word for what came of it. */
#ifndef LOCKSHIM_TESTS_CONFORMANCE_TABLE_H
#define LOCKSHIM_TESTS_CONFORMANCE_TABLE_H

#include <stdbool.h>
#include <stddef.h>

enum column { BARE, PASS, OFD, POSIX, BOTH, COLUMNS };

/* Where a lock of a column is to be seen from outside. */
enum domain { IN_FLOCK = 1, IN_RECORDS = 2 };

struct column_of {
	const char *name;
	const char *flock; /* NULL: not preloaded */
	unsigned domains;
};
extern const struct column_of columns[COLUMNS];

#define CELL_ROOM 40
#define NO_CELL "-" /* cannot be asked here */

struct probe;

struct row {
	const char *name;
	/* In a fresh process of its own. Gives the cell. NULL: a heading. */
	const char *(*probe)(const struct probe *probe, int argument);
	int argument;
	const char *settings;          /* NULL, or more of LOCKSHIM_SET where flock is converted */
	const char *expected[COLUMNS]; /* NULL: the column has no such thing */
	bool programs;                 /* starts the machine's own programs under the shim */
};
extern const struct row rows[];
extern const size_t rows_count;

#endif
