/* SPDX-License-Identifier: MIT
 * A record: who wrote it, and as what. Never two the same. */
#ifndef LOCKSHIM_TESTS_FUSE_RECORD_H
#define LOCKSHIM_TESTS_FUSE_RECORD_H

#include <stdint.h>
#include <stdio.h>

#define RECORD_SIZE 32

static inline void record_make(char text[RECORD_SIZE + 1], uint64_t seed, unsigned number)
{
	snprintf(text, RECORD_SIZE + 1, "seed %08u record %08u .\n", (unsigned)seed % 100000000,
		 number % 100000000);
}

#endif
