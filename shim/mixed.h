/* SPDX-License-Identifier: MIT
 * A program that takes flock and fcntl on one file. As OFD and POSIX locks the two would refuse
 * each other. So they share the bytes: the OFD lock always has the last byte that a lock can cover,
 * and what the program's own POSIX locks leave. Both are the kernel's own locks, each with its own
 * life; whoever asks for the whole file is kept out until both are let go, with no moment between.
 * Who asks for a part of the file may meet a moment when bytes change hands. */
#ifndef LOCKSHIM_MIXED_H
#define LOCKSHIM_MIXED_H

#include <stdbool.h>
#include <stdint.h>

/* Bytes, both ends included; MIXED_EOF is the end of every whole-file lock. */
#define MIXED_EOF INT64_MAX
/* Where a POSIX lock that reaches the end ends beside an OFD lock. What ends just here gets the
 * rest back; a program's own length does not come out at it by chance. */
#define MIXED_END (MIXED_EOF - 16)
struct mixed_range {
	int64_t start, end;
	short type; /* F_RDLCK or F_WRLCK */
};

/* From here on a POSIX lock of this process may stand in the way of its OFD locks: said by the
 * wrappers once one was granted. */
void mixed_note_posix(void);
bool mixed_posix_used(void);

/* True where this process has POSIX locks on FD's file: closing any descriptor of it would drop
 * them. */
bool mixed_has_posix(int fd);

/* What a struct flock names, as the kernel reads it; false where it would refuse it. */
bool mixed_range_of(int fd, short whence, int64_t start, int64_t length, struct mixed_range *ret);

/* An OFD lock of FD over the whole file around this process's own POSIX locks. 0; -EAGAIN where it
 * has none of those; -EWOULDBLOCK where another's lock stands in the way and BLOCKING is false;
 * -EDEADLK where it would wait for its own locks, which it can't see (no /proc) or which lie behind
 * MIXED_END alone, or for a process that waits for one of them; else the kernel's error. What FD
 * held itself is converted, and lost on failure unless ATOMIC. */
int mixed_take_ofd(int fd, short type, bool blocking, bool atomic);

/* Before a POSIX lock over RANGE that was refused is asked for again: takes the bytes from this
 * process's own OFD locks on FD's file, and what lies behind MIXED_END from a RANGE that reaches
 * the end. NONE, nothing changed: none of them stands in the way, or another's lock does and
 * BLOCKING is false. NEVER: it would wait for ever, for a keeper of ours, or for the last byte
 * alone. */
enum mixed_room { MIXED_NONE, MIXED_MADE, MIXED_NEVER };
enum mixed_room mixed_make_room(int fd, struct mixed_range *range, bool blocking);

/* After a POSIX unlock, or a lock that failed: the OFD locks of this process on FD's file take back
 * what is free. */
void mixed_regrow(int fd);

/* True once both families met on some file. */
bool mixed_met(void);

/* Around a close, which drops this process's POSIX locks on the file: true where mixed_closed() is
 * to be called once it is done, with errno kept by the caller. */
struct stat;
bool mixed_closing(int fd, struct stat *ret_file);
void mixed_closed(const struct stat *file);

/* After FD's OFD unlock: the program's POSIX locks take back what lies behind MIXED_END. */
void mixed_released(int fd);

#endif
