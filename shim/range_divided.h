/* SPDX-License-Identifier: MIT
 * A record lock of which two descriptions of this process have a part. */
#ifndef LOCKSHIM_RANGE_DIVIDED_H
#define LOCKSHIM_RANGE_DIVIDED_H

#include "shim/mixed.h"

/* Through OWN what its description holds of RANGE; through FD, which has a flock, the rest. As
 * range_set(). */
int range_divided_set(int fd, int own, const struct mixed_range *range, bool wait);

#endif
