/* SPDX-License-Identifier: MIT
 * LOCK_EX leaves out what this process reads by fcntl: another that reads there too does not refuse
 * it, and has to be looked for. */
#ifndef LOCKSHIM_MIXED_HIDDEN_H
#define LOCKSHIM_MIXED_HIDDEN_H

#include "shim/mixed_own.h"

/* True where another's lock stands against writing in one of OWN, which FD's flock leaves out from
 * here on; then *ret is what both have of it. */
bool hidden_stands(int fd, const struct own_ranges *own, struct mixed_range *ret);

/* Waits until HIDDEN is read by this process alone. 0 or -errno. */
int hidden_wait(int fd, const struct mixed_range *hidden);

#endif
