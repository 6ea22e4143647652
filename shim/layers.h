/* SPDX-License-Identifier: MIT
 * flock and the program's record locks, both as OFD locks of one description: one owner, which the
 * kernel would have forget where one ends and the other begins. So while both are held the record
 * locks are written down, as locks on bytes that no file reaches. */
#ifndef LOCKSHIM_LAYERS_H
#define LOCKSHIM_LAYERS_H

#include <stdbool.h>

#include "shim/mixed.h"

/* A record lock that a program asks for as an OFD lock ends here at the latest, where no file
 * reaches: the bytes behind are flock's, so whoever has the last one has a flock. */
#define LAYERS_RANGE_END ((INT64_C(1) << 62) - 1)

/* Not both are held through FD's description: the call is an ordinary one. */
#define LAYERS_NONE 3

/* From here on flock as an OFD lock is told of by layers_note_flock(). */
void layers_watch(void);
bool layers_watching(void);

/* A flock was granted as an OFD lock somewhere in this process; whether one was. */
void layers_note_flock(void);
bool layers_flock_met(void);

struct layers_wish {
	bool blocking, atomic;
	bool keeper; /* one would be asked where FD is not open for the lock */
};

/* flock on a description that has record locks: TYPE is F_UNLCK for LOCK_UN. 0, -errno as flock has
 * it, or LAYERS_NONE. ATOMIC: a refused upgrade keeps the
 * shared lock. */
int layers_flock(int fd, short type, const struct layers_wish *wish);

/* After a record lock of this process on FILE is gone: its flocks there, by whatever descriptor,
 * take what is free. */
struct stat;
void layers_regrow(const struct stat *file);

/* Before a record lock over RANGE through another description of the file: FD's flock leaves those
 * bytes. False where FD's description has record locks against it, too. */
bool layers_make_room(int fd, const struct mixed_range *range);

/* The record locks of FD's description, whether it has a flock or not. False where they can't be
 * told. */
struct pieces;
bool layers_ranges(int fd, struct pieces *ret);

/* A record lock on a description that has a flock: RANGE's type may be F_UNLCK. 0, -errno as fcntl
 * has it, or LAYERS_NONE. Where WAIT is true it may wait. */
int layers_range(int fd, const struct mixed_range *range, bool wait);

#endif
