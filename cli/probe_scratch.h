/* SPDX-License-Identifier: MIT
 * A directory of our own in the one that is probed. What is done there is done by a child, since
 * it may never come back. */
#ifndef CLI_PROBE_SCRATCH_H
#define CLI_PROBE_SCRATCH_H

#include <stdbool.h>
#include <stdint.h>

/* Makes PATH, a directory. 0 or an errno: ETIMEDOUT where the file system did not answer within
 * TIMEOUT nanoseconds, EINTR where a signal is to end the command. *ret_local: nobody but this
 * kernel grants locks there, as far as is known. */
int probe_scratch_make(const char *path, uint64_t timeout, bool *ret_local);

/* 0, or why no file can be made whose name begins with PATH. */
int probe_scratch_try(const char *path, uint64_t timeout);

/* The same of one that the other side made. */
int probe_scratch_join(const char *path, uint64_t timeout);

/* Removes it with the files in it; FLAT: the files whose names begin with PATH. False where
 * something stays. */
bool probe_scratch_remove(const char *path, bool flat, uint64_t timeout);

#endif
