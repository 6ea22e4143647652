/* SPDX-License-Identifier: MIT
 * A case as a line of steps that actors take one after the other. */
#ifndef CLI_PROBE_SCRIPT_H
#define CLI_PROBE_SCRIPT_H

#include "cli/probe_lock.h"
#include "cli/probe_stage.h"

struct probe_cell {
	char answer[PROBE_LINE_MAX];
	uint64_t took; /* ns of the last two steps */
	bool complete; /* the last step was reached */
	pid_t holder;  /* A's pid, 0 where it is not known */
};

/* Steps are split by ";": ACTOR [child] VERB [SLOT [FAMILY [START LENGTH]]] [=ANSWER]. Slot 0, the
 * FAMILY given and the whole file stand for what is not written. Of steps before the last the
 * answer has to be as written, else "ok" or "granted"; where it is not the script ends there. The
 * last answer is the cell's. */
void probe_script_run(struct probe_stage *stage, const char *script, enum probe_family family,
		      struct probe_cell *ret);

/* One step. True where the answer is as it has to be. */
bool probe_script_step(struct probe_stage *stage, const char *step, enum probe_family family,
		       struct probe_cell *ret);

#endif
