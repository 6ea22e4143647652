/* SPDX-License-Identifier: MIT
 * Whether the threads of a process are where its published waits say. */
#ifndef LOCKSHIM_DEADLOCK_THREADS_H
#define LOCKSHIM_DEADLOCK_THREADS_H

#include "shim/deadlock_graph.h"

/* How a wait is published: asleep in the kernel, or polled with signals held back. */
enum deadlock_phase { DEADLOCK_ASLEEP, DEADLOCK_POLLED };

/* True where every thread of the process at PLACE waits as it published, and nothing of it runs.
 * *ret_activity is another once one of those that sleep has run. *ret_absent is set where one that
 * published a wait is somewhere else. Waits of threads that are gone are dropped, here and in the
 * file. */
bool deadlock_threads_wait(struct deadlock_graph *graph, int place, uint64_t *ret_activity,
			   bool *ret_absent);

/* The waits at PLACE that are not marked as seen. */
void deadlock_drop_unseen(struct deadlock_graph *graph, int place);

#endif
