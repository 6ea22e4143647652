/* SPDX-License-Identifier: MIT
 * Where the state file is: state.h's list of directories, made and checked. */
#ifndef LOCKSHIM_STATE_PLACE_H
#define LOCKSHIM_STATE_PLACE_H

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>

#include "policy/sys.h"

#define STATE_PLACE_ROOM 232 /* a state-dir of 200 bytes and a name */

struct state_place {
	char path[STATE_PLACE_ROOM];
	uint32_t user;       /* who asks */
	bool make;           /* it may be made */
	bool shared;         /* by the group that the administrator gave it */
	uint32_t group;      /* the directory's */
	const char *trouble; /* what was wrong, where something was */
};

/* The directory that is TURN's; false: there are no more. Else *ret_good: it is there and fit. */
bool state_place_take(struct state_place *place, unsigned turn, bool *ret_good);

/* Follows no link in the last part of PATH, and waits for nothing. */
static inline int state_open(const char *path, int flags, unsigned mode)
{
	int saved = errno;

	return (int)sys_result(syscall(SYS_openat, AT_FDCWD, path,
				       flags | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK,
				       mode),
			       saved);
}

#endif
