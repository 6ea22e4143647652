/* SPDX-License-Identifier: MIT
 * flock as it is and an OFD lock beside it, for files that processes without the shim also flock.
 * The native one first; let go in reverse. */
#include <errno.h>
#include <sys/file.h>

#include "shim/backend.h"

static int unlock_by(const struct lock_backend *backend, int fd)
{
	return backend->release(
		&(struct lock_request){ .fd = fd, .operation = LOCK_UN, .asked = LOCK_UN });
}

/* Two holders of LOCK_SH who both ask for LOCK_EX: whoever waits natively must not keep the other
 * out by its OFD lock. A refused request has lost the native lock already, if there was one. */
static int acquire_native(const struct lock_request *request)
{
	struct lock_request trial = *request;
	int result;

	trial.asked |= LOCK_NB;
	result = backend_native.acquire(&trial, NULL);
	if (result != -EWOULDBLOCK)
		return result;
	(void)unlock_by(&backend_ofd, request->fd);
	return request->blocking ? backend_native.acquire(request, NULL) : result;
}

/* A shared lock over a write-only description is a keeper's, who goes by the native lock. */
static void leave_keeper(const struct lock_request *request)
{
	if (request->operation == LOCK_EX && note_get(request->fd) & NOTE_KEPT &&
	    note_get(request->fd) & NOTE_SHARED)
		(void)unlock_by(&backend_ofd, request->fd);
}

static int both_acquire(const struct lock_request *request, const struct policy_actions *actions)
{
	int result;

	leave_keeper(request);
	result = acquire_native(request);
	if (result)
		return result;
	result = backend_ofd.acquire(request, actions);
	/* It will be asked again, once it is known what this is. */
	if (result < 0 && !(request->unsure && result == -EBADF))
		(void)unlock_by(&backend_native, request->fd);
	return result;
}

static int both_release(const struct lock_request *request)
{
	int result = backend_ofd.release(request), native = backend_native.release(request);

	return native ? native : result;
}

const struct lock_backend backend_both = {
	.name = "flock and an OFD lock",
	.families = POLICY_FAMILY_NATIVE | POLICY_FAMILY_OFD,
	.acquire = both_acquire,
	.release = both_release,
};
