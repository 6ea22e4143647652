/* SPDX-License-Identifier: MIT
 * One lock call from request to answer: decide, act, note. */
#ifndef LOCKSHIM_LOCK_H
#define LOCKSHIM_LOCK_H

#include "shim/request.h"
#include "shim/start.h"

/* LOCK_SH and LOCK_EX. 0 or -errno; errno as it was. */
int lock_acquire(const struct shim_state *state, const struct lock_request *request);

/* LOCK_UN: goes to the family of the last lock call through this descriptor number; where there
 * was none in this process, to every family the policy can choose for the file. */
int lock_release(const struct shim_state *state, const struct lock_request *request);

#endif
