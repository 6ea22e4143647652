/* SPDX-License-Identifier: MIT
 * Descriptions that a running process has too: it could let go of what they hold. */
#ifndef LOCKSHIM_DEADLOCK_SHARER_H
#define LOCKSHIM_DEADLOCK_SHARER_H

#include "shim/deadlock_graph.h"

/* Marks them in `held`. Reads fdinfo of every process of this host but the stuck ones. One that may
 * not be read counts where it descends from a stuck one or has its name: a child, or a parent that
 * forked it without exec. False where it can't be told. */
bool deadlock_loosen(struct deadlock_graph *graph);

#endif
