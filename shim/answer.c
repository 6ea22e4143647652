/* SPDX-License-Identifier: MIT
 * flock = succeed and flock = fail: no lock is taken, only an answer given. A descriptor that flock
 * would refuse is refused all the same. */
#include <sys/file.h>

#include "policy/sys.h"
#include "shim/backend.h"

/* flock takes no O_PATH descriptor, and none opened for neither reading nor writing. */
static int refused_anyway(int fd)
{
	long flags = sys_fcntl(fd, F_GETFL, NULL);

	if (flags < 0)
		return (int)flags;
	return flags & O_PATH || (flags & O_ACCMODE) == O_ACCMODE ? -EBADF : 0;
}

static int succeed_acquire(const struct lock_request *request, const struct policy_actions *actions)
{
	(void)actions;
	return refused_anyway(request->fd);
}

static int fail_acquire(const struct lock_request *request, const struct policy_actions *actions)
{
	int refused = refused_anyway(request->fd);

	return refused ? refused : -actions->value[POLICY_FAIL_ERRNO];
}

const struct lock_backend backend_succeed = {
	.name = "success without a lock",
	.acquire = succeed_acquire,
};

const struct lock_backend backend_fail = {
	.name = "an error",
	.acquire = fail_acquire,
};
