/* SPDX-License-Identifier: MIT
 * Starts a keeper and waits for its lock, as flock waits. */
#ifndef LOCKSHIM_KEEPER_START_H
#define LOCKSHIM_KEEPER_START_H

#include "shim/keeper.h"

/* As keeper_acquire(), where no keeper holds for the description yet. HELD: what it holds itself
 * over the whole file, F_UNLCK: nothing; FLOCKED: it holds a native flock. */
int keeper_start_new(const struct keeper_request *request, short held, bool flocked);

/* True where an exclusive keeper holds for FD's description: one that somebody else who shares the
 * description was granted meanwhile. */
bool keeper_holds_by_now(int fd);

#endif
