/* SPDX-License-Identifier: MIT
 * The table from the policy's word to the family that serves it. */
#include "shim/backend.h"

static const struct lock_backend *const backends[] = {
	[POLICY_FLOCK_PASS] = &backend_native,     [POLICY_FLOCK_OFD] = &backend_ofd,
	[POLICY_FLOCK_POSIX] = &backend_posix,     [POLICY_FLOCK_BOTH] = &backend_both,
	[POLICY_FLOCK_SUCCEED] = &backend_succeed, [POLICY_FLOCK_FAIL] = &backend_fail,
};

const struct lock_backend *backend_of(const struct policy_actions *actions)
{
	return backends[actions->value[POLICY_FLOCK]];
}
