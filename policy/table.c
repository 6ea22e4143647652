/* SPDX-License-Identifier: MIT
 * A map from names to pointers that remembers the order of insertion. */
#include "policy/internal.h"

#include <string.h>

#define BUCKETS_FIRST 16

uint64_t policy_hash(uint64_t hash, const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		hash = (hash ^ (unsigned char)text[i]) * 0x100000001b3u;
	return hash;
}

static uint64_t hash_of(const char *name)
{
	return policy_hash(POLICY_HASH_START, name, strlen(name));
}

struct policy_entry *policy_table_find(const struct policy_table *table, const char *name)
{
	uint64_t hash = hash_of(name);
	struct policy_entry *entry = table->size ? table->buckets[hash & (table->size - 1)] : NULL;

	while (entry && (entry->hash != hash || strcmp(entry->name, name)))
		entry = entry->next;
	return entry;
}

static void put(struct policy_table *table, struct policy_entry *entry)
{
	struct policy_entry **bucket = &table->buckets[entry->hash & (table->size - 1)];

	entry->next = *bucket;
	*bucket = entry;
}

static bool grow(struct policy_table *table, struct policy_arena *arena)
{
	size_t size = table->size ? 4 * table->size : BUCKETS_FIRST;
	struct policy_entry **buckets = policy_arena_get(arena, size * sizeof(*buckets));

	if (!buckets)
		return false;
	table->buckets = buckets;
	table->size = size;
	for (struct policy_entry *entry = table->first; entry; entry = entry->later)
		put(table, entry);
	return true;
}

struct policy_entry *policy_table_add(struct policy_table *table, struct policy_arena *arena,
				      const char *name, void *value)
{
	struct policy_entry *entry;

	if (table->count == table->size && !grow(table, arena))
		return NULL;
	entry = policy_arena_get(arena, sizeof(*entry));
	if (!entry)
		return NULL;
	entry->hash = hash_of(name);
	entry->name = name;
	entry->value = value;
	entry->number = table->count++;
	if (table->last)
		table->last->later = entry;
	else
		table->first = entry;
	table->last = entry;
	put(table, entry);
	return entry;
}
