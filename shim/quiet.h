/* SPDX-License-Identifier: MIT
 * Writing to a descriptor of the host's so that the host neither waits nor gets a signal for it. */
#ifndef LOCKSHIM_QUIET_H
#define LOCKSHIM_QUIET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The signals that were blocked, and those that were pending. */
struct quiet {
	uint64_t before, old;
};

/* Between the two, what a write raises (SIGPIPE, SIGXFSZ, SIGTTOU) is held back, and taken away at
 * the end. errno as it was. */
struct quiet quiet_begin(void);
void quiet_end(const struct quiet *quiet);

/* Writes what can be written at once, or nothing: a full pipe, a pipe without a reader, a file at
 * its size limit, a terminal that stops background writers. errno as it was. Answers what write
 * does, -EAGAIN where it would have to wait. */
long quiet_write(int fd, const void *from, size_t size);

/* Whether IS, what descriptor 2 is, is the connection that descriptor 0 is too: inetd's way. Who is
 * served there reads all that we would write. */
struct stat;
bool quiet_is_connection(const struct stat *is);

#endif
