/* SPDX-License-Identifier: MIT
 * The judge: no shim reaches it. It starts the storm, ends it, and compares. */
#ifndef LOCKSHIM_TESTS_STORM_JUDGE_H
#define LOCKSHIM_TESTS_STORM_JUDGE_H

#include <sys/types.h>

#include "tests/storm/rows.h"
#include "tests/support/outsider.h"

#define FAMILIES_MAX 3

struct judge {
	const char *directory, *preload, *set, *outsider, *only;
	int seed, seconds, jobs;
	bool read_only, expect_lost, list;
	enum outsider_family family[FAMILIES_MAX]; /* by turns */
	int families;
	pid_t group; /* the outsider, and everybody's process group */
	int bad_ends;
};

/* Reads the command line. Ends the program where it is wrong. */
void options_take(struct judge *judge, int argc, char **argv);

/* Why a row is left out, or NULL. */
const char *judge_leaves_out(const struct judge *judge, const struct row *row);

/* A fresh directory with all files in it; and gone again, with what the sanitizers wrote. */
void place_make(const struct judge *judge);
/* The number of files that a sanitizer left, each copied to standard error. */
int place_show_reports(void);
void place_remove(void);

/* Starts outsider and hosts; waits for the time to pass; asks all to end and waits for them. What
 * does not end is shown, and killed. */
void crowd_start(struct judge *judge);
void crowd_let_run(struct judge *judge);
void crowd_end(struct judge *judge);

/* Increments by raw system calls until the end. */
_Noreturn void outsider_main(const struct judge *judge, struct actor *actor);

/* Prints the table and what was wrong; gives the number of updates lost. */
uint64_t report(const struct judge *judge, int *ret_wrong);

#endif
