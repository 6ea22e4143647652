/* SPDX-License-Identifier: MIT
 * The flush itself. */
#ifndef LOCKSHIM_FLUSH_SYNC_H
#define LOCKSHIM_FLUSH_SYNC_H

#include "shim/flush_held.h"

/* fdatasync or fsync, as HELD says. 0, also for what can't be flushed by its nature; -EIO where it
 * failed and HELD says that this be told. A failure is a hazard. errno as it was. */
int flush_sync(int fd, const struct flush_held *held);

#endif
