/* SPDX-License-Identifier: MIT
 * A cycle that was published, as the kernel sees it. */
#ifndef LOCKSHIM_DEADLOCK_CONFIRM_H
#define LOCKSHIM_DEADLOCK_CONFIRM_H

#include "shim/deadlock_graph.h"

/* After graph_reaches(): true where all of these hold at one moment. Every thread of every process
 * of the set sleeps in the lock call that it published (or polls for it, held by nothing else);
 * what each holds stands against another's wait; nobody outside the set could let go of that. Else
 * false; *ret_absent where a published wait is not where its thread is. */
bool deadlock_confirm(struct deadlock_graph *graph, bool *ret_absent);

#endif
