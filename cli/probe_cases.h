/* SPDX-License-Identifier: MIT
 * What is asked of each family, and of each pair of them. */
#ifndef CLI_PROBE_CASES_H
#define CLI_PROBE_CASES_H

#include "cli/probe_script.h"

struct probe_case {
	const char *name;
	unsigned families;  /* PROBE_BIT()s that it is for */
	const char *script; /* its last answer is the cell's, or... */
	void (*run)(struct probe_stage *stage, enum probe_family family, struct probe_cell *ret);
	/* ...in the words that the case has for it */
	const char *granted, *refused, *waits;
	void (*word)(struct probe_cell *cell);
	bool timed; /* how long the last two steps took is of interest */
};

extern const struct probe_case probe_cases[];
extern const size_t probe_cases_count;

/* The cell, on a file of its own. */
void probe_case_run(struct probe_place *place, const struct probe_case *row,
		    enum probe_family family, struct probe_cell *ret);

/* A family and a mode: a row or a column of the matrix. */
struct probe_side {
	enum probe_family family;
	enum probe_mode mode;
};

/* HELD is taken, then ASKED for through another description: by the same process, or another. */
void probe_pair_run(struct probe_place *place, bool same_process, struct probe_side held,
		    struct probe_side asked, struct probe_cell *ret);

/* The cases that are no script: probe_turns.c. */
void probe_turns_upgraders(struct probe_stage *stage, enum probe_family family,
			   struct probe_cell *ret);
void probe_turns_order(struct probe_stage *stage, enum probe_family family, struct probe_cell *ret);

#endif
