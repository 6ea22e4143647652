/* SPDX-License-Identifier: MIT
 * flock as a POSIX lock: it belongs to the process, whatever the description. */
#include <fcntl.h>
#include <sys/file.h>

#include "shim/backend.h"
#include "shim/hazard_posix.h"
#include "shim/record.h"

const struct record_family record_posix = {
	.set = F_SETLK,
	.wait = F_SETLKW,
	.tag = "POSIX ",
};

static int posix_acquire(const struct lock_request *request, const struct policy_actions *actions)
{
	const struct mixed_range whole = { 0, MIXED_EOF,
					   request->operation == LOCK_EX ? F_WRLCK : F_RDLCK };
	bool watched = hazard_posix_watched();
	bool beside = watched && hazard_posix_is_beside(request->fd, &whole);
	int result = record_acquire(&record_posix, request, actions);

	if (watched && !result)
		hazard_posix_granted(request->fd, beside);
	return result;
}

static int posix_release(const struct lock_request *request)
{
	if (hazard_posix_watched())
		hazard_posix_releasing(request->fd);
	return record_release(&record_posix, request);
}

const struct lock_backend backend_posix = {
	.name = "POSIX lock",
	.families = POLICY_FAMILY_POSIX,
	.acquire = posix_acquire,
	.release = posix_release,
};
