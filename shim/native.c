/* SPDX-License-Identifier: MIT
 * flock as it is: the next flock after ours. */
#include <errno.h>

#include "shim/backend.h"
#include "shim/next.h"

static int native_call(const struct lock_request *request)
{
	int saved = errno, result = NEXT(flock)(request->fd, request->asked) ? -errno : 0;

	errno = saved;
	return result;
}

static int native_acquire(const struct lock_request *request, const struct policy_actions *actions)
{
	(void)actions;
	return native_call(request);
}

const struct lock_backend backend_native = {
	.name = "flock",
	.families = POLICY_FAMILY_NATIVE,
	.acquire = native_acquire,
	.release = native_call,
};
