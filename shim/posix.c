/* SPDX-License-Identifier: MIT
 * flock as a POSIX lock: it belongs to the process, whatever the description. */
#include <fcntl.h>

#include "shim/backend.h"
#include "shim/record.h"

const struct record_family record_posix = {
	.set = F_SETLK,
	.wait = F_SETLKW,
	.tag = "POSIX ",
};

static int posix_acquire(const struct lock_request *request, const struct policy_actions *actions)
{
	return record_acquire(&record_posix, request, actions);
}

static int posix_release(const struct lock_request *request)
{
	return record_release(&record_posix, request);
}

const struct lock_backend backend_posix = {
	.name = "POSIX lock",
	.families = POLICY_FAMILY_POSIX,
	.acquire = posix_acquire,
	.release = posix_release,
};
