/* SPDX-License-Identifier: MIT
 * A schedule's file on the mounted lockfs, and its server's control files. What fails there ends
 * the program. */
#ifndef LOCKSHIM_TESTS_FUSE_PLACE_H
#define LOCKSHIM_TESTS_FUSE_PLACE_H

#include <stdbool.h>
#include <stddef.h>

struct place {
	char name[32];
	char path[512];
};

/* Makes the file, which crashes at its CRASH_AT'th operation from now on. */
struct place place_make(const char *mount, const char *name, unsigned crash_at);

/* Until COUNT requests wait for a lock of the file, or it has crashed. */
void place_await_waiters(const struct place *place, unsigned count);

/* The file crashes, where it has not; and then has what survived. */
void place_crash(const struct place *place);
void place_restart(const struct place *place);

/* How many of those who held a lock had let go of it, or of a part, before the crash: from there on
 * others may rely on their data. */
unsigned place_holders_over(const struct place *place);

#endif
