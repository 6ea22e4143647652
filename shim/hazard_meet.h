/* SPDX-License-Identifier: MIT
 * Families that meet on one file between two processes since a rule converts flock there. Only to
 * be called where hazard_shown(). */
#ifndef LOCKSHIM_HAZARD_MEET_H
#define LOCKSHIM_HAZARD_MEET_H

#include "shim/mixed.h"

/* Where flock of FD, as an OFD lock of TYPE, was or will be refused, or waits. */
void hazard_flock_refused(int fd, short type);

/* The same for the program's own record lock over RANGE. */
void hazard_record_refused(int fd, const struct mixed_range *range);

#endif
