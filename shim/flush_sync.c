/* SPDX-License-Identifier: MIT
 * System calls of our own: libc's fsync and fdatasync are cancellation points. */
#include "shim/flush_sync.h"

#include "policy/sys.h"
#include "shim/hazard.h"

/* A server may answer EINTR without end. */
#define INTERRUPTED_MOST 1000

static int sync_once(int fd, unsigned flush)
{
	int saved = errno;

	return (int)sys_result(
		syscall(flush == POLICY_ON_UNLOCK_FLUSH ? SYS_fsync : SYS_fdatasync, fd), saved);
}

/* What has nothing to flush: pipes and their like, read-only file systems, O_PATH. */
static bool is_failure(int error)
{
	return error && error != -EINVAL && error != -EROFS && error != -EBADF;
}

int flush_sync(int fd, const struct flush_held *held)
{
	int error = sync_once(fd, held->flush), again = INTERRUPTED_MOST;

	while (error == -EINTR && again--)
		error = sync_once(fd, held->flush);
	if (!is_failure(error))
		return 0;
	flush_held_owe(fd, held->file, -error);
	hazard_met_at(HAZARD_FLUSH_FAILED, fd, policy_errno_name(-error), 0);
	return held->report ? -EIO : 0;
}
