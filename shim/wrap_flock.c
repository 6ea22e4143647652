/* SPDX-License-Identifier: MIT
 * flock(2). */
#include <errno.h>
#include <sys/file.h>

#include "shim/lock.h"
#include "shim/next.h"
#include "shim/start.h"
#include "shim/wrap.h"

/* False where it is no request for a lock: the kernel then has its own errno for it. */
static bool read_request(struct lock_request *ret, int fd, int operation)
{
	*ret = (struct lock_request){
		.fd = fd,
		.operation = operation & ~LOCK_NB,
		.blocking = !(operation & LOCK_NB),
		.asked = operation,
	};
	return ret->operation == LOCK_SH || ret->operation == LOCK_EX || ret->operation == LOCK_UN;
}

/* Apart from flock, so that flock itself has no frame where it only passes on. */
static __attribute__((noinline)) int flock_decided(const struct shim_state *state, int fd,
						   int operation)
{
	struct lock_request request;
	int result;

	if (!read_request(&request, fd, operation))
		return NEXT(flock)(fd, operation);
	result = request.operation == LOCK_UN ? lock_release(state, &request)
					      : lock_acquire(state, &request);
	if (!result)
		return 0;
	errno = -result;
	return -1;
}

/* Overrides libc's flock. Where the policy converts nothing, and for an operation that the kernel
 * would refuse, it is the next flock. Never a cancellation point. It does not see locks taken by
 * raw system calls, nor those that libc takes for itself. */
EXPORT int flock(int fd, int operation)
{
	const struct shim_state *state = shim_state();

	if (lock_is_native(state, fd, (operation & ~LOCK_NB) == LOCK_UN))
		return NEXT(flock)(fd, operation);
	return flock_decided(state, fd, operation);
}
