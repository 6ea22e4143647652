/* SPDX-License-Identifier: MIT
 * The cycle in words. */
#ifndef LOCKSHIM_DEADLOCK_SAY_H
#define LOCKSHIM_DEADLOCK_SAY_H

#include "shim/deadlock_graph.h"

/* After graph_is_cycle(), where hazards are shown: who waits for what, held by whom. */
void deadlock_say(struct deadlock_graph *graph);

#endif
