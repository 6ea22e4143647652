/* SPDX-License-Identifier: MIT
 * From a descriptor to the policy's verdict, through the cache. */
#ifndef LOCKSHIM_DECIDE_H
#define LOCKSHIM_DECIDE_H

#include "policy/policy.h"
#include "shim/object.h"
#include "shim/start.h"

struct decision {
	const struct policy_actions *calls; /* what lock calls become */
	/* What the rule says of on-unlock, flush-error and on-lock, also where calls pass; NULL
	 * where there is nothing to be done. */
	const struct policy_actions *around;
	uint32_t file; /* object_hash(), where there is AROUND */
};

/* What LOCK_SH and LOCK_EX on fd become. 0; -EBADF as the kernel answered; -ENOLCK where what a
 * rule asks can't be learned and the rule could have chosen another family. At most one system call
 * once the file (or, without file keys, the descriptor) is known. */
int decide_lock(const struct shim_state *state, int fd, struct decision *ret);

/* The same AROUND for a regular file that was looked at, never NULL. Where what a rule asks can't
 * be learned, the most that any rule says. */
const struct policy_actions *decide_around(const struct shim_state *state, int fd,
					   const struct object *object);

/* The families (enum policy_family) that may hold a lock on fd which this process did not take
 * through this descriptor number. Asks the kernel and every rule; not cached. */
int decide_unlock(const struct shim_state *state, int fd, unsigned *ret_families);

/* For trace and log: the actions for a regular file and the rule that has them (NULL: none), also
 * where the object's kind or file system passes. */
const struct policy_actions *decide_watched(const struct shim_state *state, int fd,
					    const struct object *object,
					    const struct policy_rule **ret_rule);

#endif
