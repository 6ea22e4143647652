/* SPDX-License-Identifier: MIT
 * Open addressing; the slots are doubled before two thirds are taken. */
#include "cli/index.h"
#include "cli/memory.h"

static size_t place_of(uint64_t one, uint64_t two)
{
	uint64_t mixed = (one ^ (two << 29 | two >> 35)) * 0x9e3779b97f4a7c15u;

	mixed = (mixed ^ mixed >> 32 ^ two) * 0xd6e8feb86659fd93u;
	return (size_t)(mixed ^ mixed >> 32);
}

/* The slot that has the key, or the empty one where it would stand. */
static struct cli_index_key **slot_of(const struct cli_index *index, uint64_t one, uint64_t two)
{
	size_t at = place_of(one, two);

	for (;; at++) {
		struct cli_index_key **slot = &index->slots[at & (index->room - 1)];

		if (!*slot || ((*slot)->one == one && (*slot)->two == two))
			return slot;
	}
}

static void grow(struct cli_index *index)
{
	struct cli_index larger = { .room = index->room ? index->room * 2 : 64 };

	larger.slots = cli_memory_get(larger.room * sizeof(*larger.slots));
	larger.count = index->count;
	for (size_t i = 0; i < index->room; i++) {
		struct cli_index_key *key = index->slots[i];

		if (key)
			*slot_of(&larger, key->one, key->two) = key;
	}
	*index = larger;
}

void *cli_index_find(const struct cli_index *index, uint64_t one, uint64_t two)
{
	return index->room ? *slot_of(index, one, two) : NULL;
}

void *cli_index_get(struct cli_index *index, uint64_t one, uint64_t two, size_t size)
{
	struct cli_index_key **slot;

	if (index->count >= index->room / 3 * 2)
		grow(index);
	slot = slot_of(index, one, two);
	if (!*slot) {
		*slot = cli_memory_get(size);
		**slot = (struct cli_index_key){ one, two };
		index->count++;
	}
	return *slot;
}

void *cli_index_next(const struct cli_index *index, size_t *place)
{
	while (*place < index->room) {
		struct cli_index_key *key = index->slots[(*place)++];

		if (key)
			return key;
	}
	return NULL;
}
