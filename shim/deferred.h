/* SPDX-License-Identifier: MIT
 * The host's signals while we wait for it in a way that the kernel doesn't know: a handler may jump
 * out of the call, so none runs before the wait is undone. */
#ifndef LOCKSHIM_DEFERRED_H
#define LOCKSHIM_DEFERRED_H

#include <stdbool.h>
#include <stdint.h>

struct deferred {
	uint64_t mask; /* the thread's own */
	bool deaf;     /* the signal that would wake us is blocked there, and one waits */
};

/* What the other side sends to this thread, by tgkill, to wake it. Ignored by default. */
#define DEFERRED_WAKE SIGURG

/* Blocks every signal, libc's own included. */
void deferred_begin(struct deferred *ret);

/* Sleeps until process WAKER sends DEFERRED_WAKE, a signal comes that this thread would take, or
 * 10 ms are over. As for any waiting thread the kernel prefers it for the process's signals. */
void deferred_sleep(struct deferred *deferred, int waker);

/* True where a signal waits that would have interrupted the call: one that is not blocked in the
 * thread's own mask and has a handler, or ends or stops the process. *ret_restart: every such
 * handler has SA_RESTART. */
bool deferred_due(const struct deferred *deferred, bool *ret_restart);

/* Gives the mask back: what waits is taken here. */
void deferred_end(const struct deferred *deferred);

/* 10 ms of a polling loop, for a call that waits: 0, or -EINTR where a handler ran that does not
 * restart calls. */
int deferred_pause(void);

#endif
