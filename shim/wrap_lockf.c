/* SPDX-License-Identifier: MIT
 * lockf(3). Compiled without 64-bit offsets: the headers would rename it. */
#include "shim/cancel.h"
#include "shim/fcntl_lock.h"
#include "shim/next.h"
#include "shim/record_rule.h"
#include "shim/start.h"
#include "shim/watch_quick.h"
#include "shim/watch_record.h"
#include "shim/wrap.h"

/* Nothing of this process's can stand in the way of its own record locks. */
static bool passes(const struct shim_state *state)
{
	return !state->active || state->passes_all;
}

/* off_t has 32 bits there, and libc's own lockf an error for what does not fit. */
static int call_narrow(int fd, int command, int64_t len)
{
	return NEXT(lockf)(fd, command, (off_t)len);
}

static int call_wide(int fd, int command, int64_t len)
{
	return NEXT(lockf64)(fd, command, len);
}

static int lockf_unwatched(int (*plain)(int, int, int64_t), int fd, int command, int64_t len)
{
	const struct shim_state *state = shim_state();

	if (state->asks_records)
		return record_rule_lockf(state, fd, command, len);
	if (passes(state))
		return plain(fd, command, len);
	return fcntl_lockf(NEXT(lockf64), fd, command, len);
}

struct lockf_call {
	int (*plain)(int, int, int64_t);
	int fd, command;
	int64_t len;
};

static int act(void *context, bool trial)
{
	const struct lockf_call *call = context;

	return lockf_unwatched(call->plain, call->fd, trial ? F_TLOCK : call->command, call->len);
}

static int lockf_watched(const struct lockf_call *call, const void *site)
{
	const struct record_argument asked = { .type = call->command == F_ULOCK ? F_UNLCK : F_WRLCK,
					       .whence = SEEK_CUR,
					       .length = call->len };
	struct lockf_call own = *call;
	struct watch watch;

	watch_begin(&watch, TRACE_CALL_LOCKF, TRACE_FAMILY_POSIX, call->fd, site);
	if (call->command == F_TEST)
		watch_record_ask(&watch, &asked);
	else
		watch_record_set(&watch, &asked);
	if (call->command == F_LOCK) {
		cancel_point();
		watch.event.flags = TRACE_BLOCKING;
	}
	return watch_call(&watch, act, &own, true);
}

static int lockf_through(const struct lockf_call *call, const void *site)
{
	return watch_on() ? lockf_watched(call, site)
			  : lockf_unwatched(call->plain, call->fd, call->command, call->len);
}

/* Overrides libc's lockf, which reaches the kernel without passing our fcntl. Answers as the next
 * lockf does. */
EXPORT int lockf(int fd, int command, off_t len)
{
	return lockf_through(&(struct lockf_call){ call_narrow, fd, command, len },
			     __builtin_return_address(0));
}

/* The same for programs built with 64-bit offsets. */
EXPORT int lockf64(int fd, int command, int64_t len)
{
	return lockf_through(&(struct lockf_call){ call_wide, fd, command, len },
			     __builtin_return_address(0));
}
