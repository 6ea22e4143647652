/* SPDX-License-Identifier: MIT
 * One lock call from request to answer: decide, act, note. */
#ifndef LOCKSHIM_LOCK_H
#define LOCKSHIM_LOCK_H

#include "shim/note.h"
#include "shim/request.h"
#include "shim/start.h"

/* True where a call is the next flock's, as it was for the last one through this descriptor number,
 * and nothing has to be asked to know. */
static inline bool lock_is_native(const struct shim_state *state, int fd, bool release)
{
	return !state->active || ((release || state->passes_all) && note_get(fd) == NOTE_NATIVE);
}

/* LOCK_SH and LOCK_EX. 0 or -errno; errno as it was. */
int lock_acquire(const struct shim_state *state, struct lock_request *request);

/* LOCK_UN: goes to the family of the last lock call through this descriptor number; where there
 * was none in this process, to every family the policy can choose for the file. */
int lock_release(const struct shim_state *state, const struct lock_request *request);

#endif
