/* SPDX-License-Identifier: MIT
 * What a lock call can become: a struct of functions a family, one file each. */
#ifndef LOCKSHIM_BACKEND_H
#define LOCKSHIM_BACKEND_H

#include "policy/policy.h"
#include "shim/note.h"
#include "shim/request.h"

/* acquire and release return -errno, or else 0 (acquire: what is to be noted beside the families,
 * of enum note), and leave errno alone. acquire takes LOCK_SH and LOCK_EX
 * with flock's meaning: a lock held through this description is converted, and is lost where the
 * conversion has to wait or is refused. release is LOCK_UN: 0 where nothing was held; NULL where
 * acquire takes no lock. */
struct lock_backend {
	const char *name;
	unsigned families; /* enum policy_family: where its lock is; 0: it takes none */
	int (*acquire)(const struct lock_request *request, const struct policy_actions *actions);
	int (*release)(const struct lock_request *request);
};

extern const struct lock_backend backend_native, backend_ofd, backend_posix, backend_both,
	backend_succeed, backend_fail;

/* By enum policy_flock_value. */
const struct lock_backend *backend_of(const struct policy_actions *actions);

#endif
