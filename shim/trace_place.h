/* SPDX-License-Identifier: MIT
 * Where a trace goes that nobody named a directory for. */
#ifndef LOCKSHIM_TRACE_PLACE_H
#define LOCKSHIM_TRACE_PLACE_H

#include "shim/state_place.h"

#define TRACE_PLACE_ROOM STATE_PLACE_ROOM

/* "trace" in the state's directory, made where it is missing; "trace-UID" where that directory is a
 * group's. Asks the state's policy, so only once that is published. Returns INTO, or NULL where no
 * directory is this user's. */
const char *trace_place(char into[TRACE_PLACE_ROOM]);

#endif
