/* SPDX-License-Identifier: MIT
 * Whether a call lets go of a lock under a rule that flushes. */
#ifndef LOCKSHIM_FLUSH_DUE_H
#define LOCKSHIM_FLUSH_DUE_H

#include "shim/flush_held.h"

/* BITS (enum flush_held_bit): what the call through FD lets go of. *ret: what is to be done, and
 * where it was remembered what is held. */
bool flush_is_due(int fd, unsigned bits, struct flush_held *ret);

/* Flushes where it is: 0, or -EIO as flush_sync() has it. */
int flush_due(int fd, unsigned bits);

/* FD was open when this program began. */
void flush_doubt(int fd);

#endif
