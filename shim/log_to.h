/* SPDX-License-Identifier: MIT
 * The places where lines of the log go. Each is opened for a line and closed again, or is the
 * descriptor 2 that the process began with. */
#ifndef LOCKSHIM_LOG_TO_H
#define LOCKSHIM_LOG_TO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One line, with its newline. */
struct log_out {
	const char *text;
	size_t size;
	uint64_t device, inode; /* of the file that the line is about, as events have them */
};

/* Remembers what descriptor 2 is. False where it is nothing to write to: not open, not for writing,
 * a connection that is standard input too, a file opened to be read and written in place. */
bool log_to_stderr_start(void);

/* Each: true where the whole line was taken. errno as it was, no signal raised, no waiting. */
bool log_to_stderr(const struct log_out *out);
/* As one datagram, without the newline; the line begins with priority and tag. */
bool log_to_syslog(const struct log_out *out);
/* A regular file with one name, this user's or root's, and not the one that the line is about: to
 * close it would let the program's own POSIX locks go. Made 0600. Follows no link in its last part.
 */
bool log_to_file(const struct log_out *out, const char *path);

/* Whether the program has POSIX locks on a file, which a close of ours would let go: at load. */
void log_to_heed(bool (*locks)(uint64_t device, uint64_t inode));

#endif
