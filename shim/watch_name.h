/* SPDX-License-Identifier: MIT
 * Numbers for the paths and rules that events have. */
#ifndef LOCKSHIM_WATCH_NAME_H
#define LOCKSHIM_WATCH_NAME_H

#include "shim/object.h"
#include "shim/start.h"

/* 0 where no trace is written, or it can't be told. Good under the trace_epoch() that is then. */
uint32_t watch_name_path(int fd, const struct object *object);
/* "NAME at FILE:LINE", or "LOCKSHIM_SET" where that alone decides. */
uint32_t watch_name_rule(const struct shim_state *state, const struct policy_actions *actions,
			 const struct policy_rule *rule);

#endif
