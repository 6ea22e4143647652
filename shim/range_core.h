/* SPDX-License-Identifier: MIT
 * What range.c and range_heir.c have of each other. */
#ifndef LOCKSHIM_RANGE_CORE_H
#define LOCKSHIM_RANGE_CORE_H

#include <stdbool.h>

#include "shim/mixed.h"

/* One call, by the next fcntl: another preload's, and a cancellation point where it waits. 0 or
 * -errno, -EAGAIN for -EACCES. */
int range_ask(int fd, int command, const struct mixed_range *range);

/* Through a description that is this process's own. As range_set(). */
int range_set_own(int fd, const struct mixed_range *range, bool wait);

/* One call beside a flock of FD's description, if it has one. */
int range_set_one(int fd, const struct mixed_range *range);

/* Refused through FD: by this process's other descriptions, or by another. */
int range_refused(int fd, const struct mixed_range *range, bool wait);

/* FD's description lets go of RANGE. */
int range_unlock_one(int fd, const struct mixed_range *range);

/* And the descriptions of the file that the process has by other numbers. */
void range_unlock_others(int fd, const struct mixed_range *range);

/* A description of this process's own that has record locks on FD's file, and no flock; -1: none.
 */
int range_own_beside(int fd);

/* Through one that came from another process. CLIPPED: RANGE as an OFD lock has it. */
int range_set_inherited(int fd, const struct mixed_range *range, const struct mixed_range *clipped,
			bool wait);
int range_unlock_inherited(int fd, const struct mixed_range *range);

/* One of the others, which may have come so. */
void range_unlock_other(int fd, const struct mixed_range *range);

#endif
