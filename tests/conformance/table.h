/* SPDX-License-Identifier: MIT
 * The contract's tables: a row is what a program does, a column is what its lock calls become, a
 * cell is one word for what came of it. */
#ifndef LOCKSHIM_TESTS_CONFORMANCE_TABLE_H
#define LOCKSHIM_TESTS_CONFORMANCE_TABLE_H

#include <stdbool.h>
#include <stddef.h>

#include "tests/support/outsider.h"

#define COLUMNS_MAX 5

/* Where a lock of a column is to be seen from outside. */
enum domain { IN_FLOCK = 1, IN_RECORDS = 2 };

struct column_of {
	const char *name;
	const char *set;  /* LOCKSHIM_SET; NULL: not preloaded */
	unsigned domains; /* where the table's calls are seen */
	unsigned flock;   /* where calls of flock are */
	bool passes;      /* nothing is converted: a row's settings say nothing */
	bool finds_cycles;
};

#define CELL_ROOM 40
#define NO_CELL "-" /* cannot be asked here */

struct probe;

struct row {
	const char *name;
	/* In a fresh process of its own. Gives the cell. NULL: a heading. */
	const char *(*probe)(const struct probe *probe, int argument);
	int argument;
	const char *settings;              /* NULL, or more of LOCKSHIM_SET where it converts */
	const char *expected[COLUMNS_MAX]; /* NULL: the column has no such thing */
	bool programs;                     /* starts the machine's own programs under the shim */
};

struct table {
	const char *name, *title;
	enum outsider_family family; /* of the calls that its programs make */
	const struct column_of *columns;
	unsigned columns_count;
	const struct row *rows;
	size_t rows_count;
};
extern const struct table flock_table, fcntl_table, ofd_table;

#define COLUMN(title, settings, seen, flock_seen, ...)                                             \
	{                                                                                          \
		.name = title, .set = settings, .domains = seen, .flock = flock_seen, __VA_ARGS__  \
	}
#define HEADING(text)                                                                              \
	{                                                                                          \
		.name = text                                                                       \
	}
#define ROW(text, function, number, ...)                                                           \
	{                                                                                          \
		.name = text, .probe = function, .argument = number, __VA_ARGS__                   \
	}

#endif
