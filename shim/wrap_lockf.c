/* SPDX-License-Identifier: MIT
 * lockf(3). Compiled without 64-bit offsets: the headers would rename it. */
#include "shim/fcntl_lock.h"
#include "shim/next.h"
#include "shim/record_rule.h"
#include "shim/start.h"
#include "shim/wrap.h"

/* Nothing of this process's can stand in the way of its own record locks. */
static bool passes(void)
{
	const struct shim_state *state = shim_state();

	return !state->active || state->passes_all;
}

/* Overrides libc's lockf, which reaches the kernel without passing our fcntl. Answers as the next
 * lockf does. */
EXPORT int lockf(int fd, int command, off_t len)
{
	if (shim_state()->asks_records)
		return record_rule_lockf(shim_state(), fd, command, len);
	if (passes())
		return NEXT(lockf)(fd, command, len);
	return fcntl_lockf(NEXT(lockf64), fd, command, len);
}

/* The same for programs built with 64-bit offsets. */
EXPORT int lockf64(int fd, int command, int64_t len)
{
	if (shim_state()->asks_records)
		return record_rule_lockf(shim_state(), fd, command, len);
	if (passes())
		return NEXT(lockf64)(fd, command, len);
	return fcntl_lockf(NEXT(lockf64), fd, command, len);
}
