/* SPDX-License-Identifier: MIT
 * What a lock call can become: a struct of functions a family, one file each. */
#ifndef LOCKSHIM_BACKEND_H
#define LOCKSHIM_BACKEND_H

#include "policy/policy.h"
#include "shim/note.h"
#include "shim/request.h"

/* acquire and release return 0 or -errno and leave errno alone. acquire takes LOCK_SH and LOCK_EX
 * with flock's meaning: a lock held through this description is converted, and is lost where the
 * conversion has to wait or is refused. release is LOCK_UN: 0 where nothing was held; NULL where
 * acquire takes no lock. */
struct lock_backend {
	const char *name;
	enum note note; /* what is noted of a descriptor once a lock call on it went here */
	int (*acquire)(const struct lock_request *request, const struct policy_actions *actions);
	int (*release)(const struct lock_request *request);
};

extern const struct lock_backend backend_native, backend_ofd, backend_succeed, backend_fail;

/* By enum policy_flock_value. */
const struct lock_backend *backend_of(const struct policy_actions *actions);

#endif
