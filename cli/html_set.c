/* SPDX-License-Identifier: MIT
 * A hash table with open addressing over an array. */
#include "cli/html_set.h"
#include "cli/cli.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>

void *cli_html_grow(void *items, size_t count, size_t *room, size_t size)
{
	if (count < *room)
		return items;
	*room = *room * 2 + 64;
	items = realloc(items, *room * size);
	if (!items)
		err(CLI_FAILED, "memory");
	return items;
}

static uint64_t hash_of(const unsigned char *item, size_t size)
{
	uint64_t hash = 0x9e3779b97f4a7c15u;

	for (size_t i = 0; i < size; i++)
		hash = (hash ^ item[i]) * 0x100000001b3u;
	return hash ^ hash >> 32;
}

/* The slot that has ITEM, or is free for it. */
static uint32_t *slot_of(const struct cli_html_set *set, const void *item)
{
	size_t at = hash_of(item, set->size) & (set->slots_count - 1);

	while (set->slots[at] && memcmp(cli_html_set_at(set, set->slots[at] - 1), item, set->size))
		at = (at + 1) & (set->slots_count - 1);
	return &set->slots[at];
}

static void grow_slots(struct cli_html_set *set)
{
	if (set->count * 2 < set->slots_count)
		return;
	free(set->slots);
	set->slots_count = set->slots_count ? set->slots_count * 2 : 256;
	set->slots = calloc(set->slots_count, sizeof(*set->slots));
	if (!set->slots)
		err(CLI_FAILED, "memory");
	for (size_t i = 0; i < set->count; i++)
		*slot_of(set, cli_html_set_at(set, i)) = (uint32_t)i + 1;
}

uint32_t cli_html_set_add(struct cli_html_set *set, const void *item)
{
	uint32_t *slot;

	grow_slots(set);
	slot = slot_of(set, item);
	if (*slot)
		return *slot - 1;
	set->items = cli_html_grow(set->items, set->count, &set->room, set->size);
	memcpy(set->items + set->count * set->size, item, set->size);
	*slot = (uint32_t)++set->count;
	return *slot - 1;
}

bool cli_html_set_has(const struct cli_html_set *set, const void *item)
{
	return set->count && *slot_of(set, item);
}

void cli_html_set_clear(struct cli_html_set *set)
{
	free(set->items);
	free(set->slots);
	*set = (struct cli_html_set){ .size = set->size };
}
