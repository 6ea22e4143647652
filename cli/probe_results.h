/* SPDX-License-Identifier: MIT
 * All that a probe found out, before it is printed. */
#ifndef CLI_PROBE_RESULTS_H
#define CLI_PROBE_RESULTS_H

#include "cli/probe_cases.h"

#define PROBE_SIDES (2 * PROBE_FAMILIES - 1)
#define PROBE_CASES_MAX 64

/* Every family with each of its modes. */
extern const struct probe_side probe_sides[PROBE_SIDES];

enum probe_process { PROBE_OTHER_PROCESS, PROBE_SAME_PROCESS, PROBE_PROCESSES };

extern const char *const probe_process_names[PROBE_PROCESSES];

struct probe_results {
	const char *directory, *fstype; /* fstype: NULL where it is not known */
	const char *peer;               /* NULL: one host */
	unsigned families;              /* PROBE_BIT()s that were asked for */
	unsigned hanging;               /* that were found to hang, and not asked again */
	struct probe_cell pairs[PROBE_PROCESSES][PROBE_SIDES][PROBE_SIDES]; /* held, asked */
	struct probe_cell cases[PROBE_CASES_MAX][PROBE_FAMILIES];
};

/* A cell without an answer was not asked. */
static inline bool probe_was_asked(const struct probe_cell *cell)
{
	return cell->answer[0];
}

/* Asks it all. PAIRED: the families of which pairs of processes are wanted beyond FAMILIES. False
 * where it was ended before its end. */
bool probe_results_find(struct probe_place *place, unsigned paired, struct probe_results *ret);

#endif
