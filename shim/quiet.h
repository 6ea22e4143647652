/* SPDX-License-Identifier: MIT
 * Writing to a descriptor of the host's so that the host neither waits nor gets a signal for it. */
#ifndef LOCKSHIM_QUIET_H
#define LOCKSHIM_QUIET_H

#include <stddef.h>

/* Writes what can be written at once, or nothing: a full pipe, a pipe without a reader, a file at
 * its size limit, a terminal that stops background writers. errno as it was. */
void quiet_write(int fd, const void *from, size_t size);

#endif
