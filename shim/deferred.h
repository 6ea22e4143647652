/* SPDX-License-Identifier: MIT
 * The host's signals while we wait for it in a way that the kernel doesn't know: a handler may jump
 * out of the call, so none runs before the wait is undone. */
#ifndef LOCKSHIM_DEFERRED_H
#define LOCKSHIM_DEFERRED_H

#include <stdbool.h>
#include <stdint.h>

struct deferred {
	uint64_t mask; /* the thread's own */
};

/* Blocks every signal, libc's own included. */
void deferred_begin(struct deferred *ret);

/* True where a signal waits that would have interrupted the call: one that is not blocked in the
 * thread's own mask and has a handler, or ends or stops the process. *ret_restart: every such
 * handler has SA_RESTART. */
bool deferred_due(const struct deferred *deferred, bool *ret_restart);

/* Gives the mask back: what waits is taken here. */
void deferred_end(const struct deferred *deferred);

#endif
