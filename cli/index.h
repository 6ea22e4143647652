/* SPDX-License-Identifier: MIT
 * Finds things by a key of two numbers. They are the caller's, and live as long as the command. */
#ifndef CLI_INDEX_H
#define CLI_INDEX_H

#include <stddef.h>
#include <stdint.h>

/* The first member of what is found. */
struct cli_index_key {
	uint64_t one, two;
};

/* Zeroed: an empty one. */
struct cli_index {
	struct cli_index_key **slots;
	size_t count, room;
};

/* NULL where there is none. */
void *cli_index_find(const struct cli_index *index, uint64_t one, uint64_t two);

/* The one that is there, or a new one of SIZE bytes, zeroed but for its key. */
void *cli_index_get(struct cli_index *index, uint64_t one, uint64_t two, size_t size);

/* The next one at or behind *PLACE, which begins as 0, in no order; NULL: no more. */
void *cli_index_next(const struct cli_index *index, size_t *place);

#endif
