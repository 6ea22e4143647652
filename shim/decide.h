/* SPDX-License-Identifier: MIT
 * From a descriptor to the policy's verdict, through the cache. */
#ifndef LOCKSHIM_DECIDE_H
#define LOCKSHIM_DECIDE_H

#include "policy/policy.h"
#include "shim/object.h"
#include "shim/start.h"

/* What LOCK_SH and LOCK_EX on fd become. 0; -EBADF as the kernel answered; -ENOLCK where what a
 * rule asks can't be learned and the rule could have chosen another family. At most one system call
 * once the file (or, without file keys, the descriptor) is known. */
int decide_lock(const struct shim_state *state, int fd, const struct policy_actions **ret_actions);

/* The families (enum policy_family) that may hold a lock on fd which this process did not take
 * through this descriptor number. Asks the kernel and every rule; not cached. */
int decide_unlock(const struct shim_state *state, int fd, unsigned *ret_families);

/* For trace and log: the actions for a regular file and the rule that has them (NULL: none), also
 * where the object's kind or file system passes. */
const struct policy_actions *decide_watched(const struct shim_state *state, int fd,
					    const struct object *object,
					    const struct policy_rule **ret_rule);

#endif
