/* SPDX-License-Identifier: MIT
 * The keepers of a file, as an administrator would find them; and waiting for what a keeper does in
 * its own time. */
#ifndef LOCKSHIM_TESTS_PRELOAD_KEEPER_FIND_H
#define LOCKSHIM_TESTS_PRELOAD_KEEPER_FIND_H

#include "tests/preload/common.h"

/* A process other than this one that has FILE open, its name beginning with NAME; 0: none. */
pid_t user_of(const char *path, const char *name);

/* A lock whose last close nobody saw goes within milliseconds: free in the end, or the test fails.
 */
void await_free(const char *path);

/* FAMILY's lock is what stands for flock: OFD under the shim. */
enum outsider_family own_family(void);

/* Ends the process when the lock that it waits for never comes. */
void bounded_wait(void);

/* What a read-only description wants LOCK_EX for, and a write-only one LOCK_SH. */
struct kept {
	int flags, operation;
};
extern const struct kept kept[2];

/* The exit status of a new process that does RUN, or 128 and its signal. */
int status_of(int (*run)(const struct place *place), const struct place *place);

#endif
