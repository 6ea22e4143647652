/* SPDX-License-Identifier: MIT
 * Waits on their way into the state file and out of it. */
#ifndef LOCKSHIM_DEADLOCK_PUBLISH_H
#define LOCKSHIM_DEADLOCK_PUBLISH_H

#include "shim/deadlock.h"
#include "shim/deadlock_graph.h"
#include "shim/deadlock_threads.h"
#include "shim/state_record.h"

/* What one look needs: pages of its own, of which few are touched. */
struct deadlock_search {
	struct state *state;
	struct state_self self;
	struct state_wait wait;
	struct held held[STATE_HOLDINGS];
	struct deadlock_graph graph;
};

/* NULL where there is no state. */
struct deadlock_search *deadlock_search_new(void);
void deadlock_search_free(struct deadlock_search *search);

/* Published waits of this process, and of one that forked it: a hint. */
extern int deadlock_published;
extern struct state *deadlock_published_in;

/* With what this process holds. NULL, and WAIT says so: it is not published. */
struct deadlock_search *deadlock_publish(struct deadlock_wait *wait, int fd, short type,
					 int64_t from, int64_t end, enum deadlock_phase phase);
void deadlock_set_phase(struct deadlock_search *search, struct deadlock_wait *wait,
			enum deadlock_phase phase);

/* Copies all that are published, our own first. False where that is not there: it was thrown out.
 */
bool deadlock_see_all(struct deadlock_search *search, const struct deadlock_wait *wait);

#endif
