/* SPDX-License-Identifier: MIT
 * The trace directory: whose it is, what may be there, its metadata. Nothing stays open. */
#ifndef LOCKSHIM_TRACE_WRITER_PLACE_H
#define LOCKSHIM_TRACE_WRITER_PLACE_H

#include "trace/sys.h"

/* At the start: makes writer_setup.directory where it is missing, and remembers which it is. 0 or
 * what is wrong, negative. */
int writer_place_start(void);

/* Opens the directory for this user's streams, if it still is the one that it was at the start.
 * 0, or negative; the caller closes. */
int writer_place_open(struct sys_fd *ret);

/* Makes the metadata, or compares those that are there. UNIQUE: of this process and attempt. */
int writer_place_metadata(const struct sys_fd *place, uint64_t unique);

#endif
