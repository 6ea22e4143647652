/* SPDX-License-Identifier: MIT
 * What POSIX locks lose that a rule made of flocks or of OFD locks: told where it is lost. What is
 * held is asked of the kernel; marks only tell where to look. */
#ifndef LOCKSHIM_HAZARD_POSIX_H
#define LOCKSHIM_HAZARD_POSIX_H

#include <stdbool.h>

#include "shim/heed.h"
#include "shim/mixed.h"

/* True where hazards are shown and a rule makes POSIX locks: constant after load. Nothing below is
 * to be called before it was asked. */
static inline bool hazard_posix_watched(void)
{
	return heed() & HEED_POSIX;
}

/* Before a lock of a rule over RANGE: true where one stands through another description of this
 * process, that would have refused it. Then, once it was granted. */
bool hazard_posix_is_beside(int fd, const struct mixed_range *range);
void hazard_posix_granted(int fd, bool beside);

/* Before a lock of a rule is let go through FD. */
void hazard_posix_releasing(int fd);

/* The same around an OFD call that becomes a POSIX one: RANGE's type may be F_UNLCK. */
bool hazard_posix_asking(int fd, const struct mixed_range *range);
void hazard_posix_asked(int fd, const struct mixed_range *range, bool beside);

/* After the program's own record lock of TYPE was set through FD. */
void hazard_posix_recorded(int fd, short type);

/* Before these numbers are closed. */
void hazard_posix_closing(unsigned first, unsigned last);

/* Before TO is replaced by FROM. */
void hazard_posix_replacing(int from, int to);

#endif
