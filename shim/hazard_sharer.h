/* SPDX-License-Identifier: MIT
 * Whether another process has an open file description, for what is told: heir.h says yes where it
 * can't be known, this says no. */
#ifndef LOCKSHIM_HAZARD_SHARER_H
#define LOCKSHIM_HAZARD_SHARER_H

#include <stdbool.h>

/* Looks through /proc; slow. */
bool hazard_is_shared(int fd);

#endif
