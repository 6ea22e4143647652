/* SPDX-License-Identifier: MIT
 * Verdicts by file, for the whole process: a fixed table, no lock. */
#ifndef LOCKSHIM_CACHE_H
#define LOCKSHIM_CACHE_H

#include <stdbool.h>
#include <stdint.h>

/* What a verdict belongs to. Where no rule asks for paths, inode and birth are 0: the verdict is
 * the whole device's, seen through that mount. birth: nanoseconds since 1970, since an inode number
 * is reused at once. */
struct cache_key {
	uint64_t device, mount, inode, birth;
};

/* False where it is not there: decide again. */
bool cache_find(const struct cache_key *key, uint32_t *ret_verdict);

/* Where there is no room one of a few neighbours goes, each in its turn. */
void cache_put(const struct cache_key *key, uint32_t verdict);

#endif
