/* SPDX-License-Identifier: MIT
 * flock(2). */
#include <errno.h>
#include <sys/file.h>

#include "shim/lock.h"
#include "shim/next.h"
#include "shim/start.h"
#include "shim/watch_quick.h"
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

static inline __attribute__((always_inline)) int flock_unwatched(const struct shim_state *state,
								 int fd, int operation)
{
	if (lock_is_native(state, fd, (operation & ~LOCK_NB) == LOCK_UN))
		return NEXT(flock)(fd, operation);
	return flock_decided(state, fd, operation);
}

struct flock_call {
	const struct shim_state *state;
	int fd, operation;
};

static inline __attribute__((always_inline)) int act(void *context, bool trial)
{
	const struct flock_call *call = context;

	return flock_unwatched(call->state, call->fd,
			       trial ? call->operation | LOCK_NB : call->operation);
}

static enum trace_operation traced(int operation)
{
	return operation == LOCK_UN ? TRACE_UNLOCK
				    : (operation == LOCK_SH ? TRACE_SHARED : TRACE_EXCLUSIVE);
}

static NO_CANARY __attribute__((noinline)) int flock_watched(int fd, int operation,
							     const void *site)
{
	struct flock_call call = { shim_state(), fd, operation };
	int wanted = operation & ~LOCK_NB;
	struct watch watch;

	if (wanted != LOCK_SH && wanted != LOCK_EX && wanted != LOCK_UN)
		return NEXT(flock)(fd, operation);
	watch_begin(&watch, TRACE_CALL_FLOCK, TRACE_FAMILY_FLOCK, fd, site);
	watch.event.operation = (uint8_t)traced(wanted);
	if (wanted == LOCK_UN)
		watch.event.id = TRACE_RELEASE;
	else if (!(operation & LOCK_NB))
		watch.event.flags = TRACE_BLOCKING;
	return watch_call(&watch, act, &call, false);
}

/* Before anything else of ours ran in this process. */
static __attribute__((noinline)) int flock_first(int fd, int operation, const void *site)
{
	const struct shim_state *state = shim_state();

	return watch_on() ? flock_watched(fd, operation, site)
			  : flock_unwatched(state, fd, operation);
}

/* Overrides libc's flock. Where the policy converts nothing, and for an operation that the kernel
 * would refuse, it is the next flock. Never a cancellation point. It does not see locks taken by
 * raw system calls, nor those that libc takes for itself. */
EXPORT int flock(int fd, int operation)
{
	const struct shim_state *state;

	if (watch_on())
		return flock_watched(fd, operation, __builtin_return_address(0));
	state = __atomic_load_n(&shim_started, __ATOMIC_ACQUIRE);
	if (__builtin_expect(!state, 0))
		return flock_first(fd, operation, __builtin_return_address(0));
	return flock_unwatched(state, fd, operation);
}
