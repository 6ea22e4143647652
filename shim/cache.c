/* SPDX-License-Identifier: MIT
 * Sets of four entries, each under a sequence number that is odd while it is written: a reader that
 * meets it, be it in a signal handler over the writer, takes the entry for another's. Each store
 * releases and each load acquires, so no word is seen outside its number. */
#include "shim/cache.h"

#include <stddef.h>

#define WAYS 4
#define SETS 1024

struct entry {
	uint32_t sequence; /* 0: never written */
	uint32_t verdict;
	uint32_t words[8]; /* the key; no 64-bit atomics on 32-bit machines */
};

static struct entry entries[SETS][WAYS];
static uint32_t turn; /* which way goes next where a set is full */

static void to_words(const struct cache_key *key, uint32_t words[8])
{
	const uint64_t parts[4] = { key->device, key->mount, key->inode, key->birth };
	int i;

	for (i = 0; i < 4; i++) {
		words[2 * i] = (uint32_t)parts[i];
		words[2 * i + 1] = (uint32_t)(parts[i] >> 32);
	}
}

static struct entry *set_of(const uint32_t words[8])
{
	uint32_t hash = 2166136261u;
	int i;

	for (i = 0; i < 8; i++)
		hash = (hash ^ words[i]) * 0x9e3779b1u;
	return entries[(hash >> 16) % SETS];
}

static bool holds(struct entry *entry, const uint32_t words[8], uint32_t *ret_verdict)
{
	uint32_t before = __atomic_load_n(&entry->sequence, __ATOMIC_ACQUIRE);
	bool same = before != 0 && !(before & 1);
	int i;

	for (i = 0; same && i < 8; i++)
		same = __atomic_load_n(&entry->words[i], __ATOMIC_ACQUIRE) == words[i];
	if (!same)
		return false;
	*ret_verdict = __atomic_load_n(&entry->verdict, __ATOMIC_ACQUIRE);
	return __atomic_load_n(&entry->sequence, __ATOMIC_RELAXED) == before;
}

bool cache_find(const struct cache_key *key, uint32_t *ret_verdict)
{
	uint32_t words[8];
	struct entry *set;
	int way;

	to_words(key, words);
	set = set_of(words);
	for (way = 0; way < WAYS; way++)
		if (holds(&set[way], words, ret_verdict))
			return true;
	return false;
}

static struct entry *room_in(struct entry *set)
{
	int way;

	for (way = 0; way < WAYS; way++)
		if (!__atomic_load_n(&set[way].sequence, __ATOMIC_RELAXED))
			return &set[way];
	return &set[__atomic_fetch_add(&turn, 1, __ATOMIC_RELAXED) % WAYS];
}

void cache_put(const struct cache_key *key, uint32_t verdict)
{
	uint32_t words[8], before;
	struct entry *entry;
	int i;

	to_words(key, words);
	entry = room_in(set_of(words));
	before = __atomic_load_n(&entry->sequence, __ATOMIC_RELAXED);
	if (before & 1 || !__atomic_compare_exchange_n(&entry->sequence, &before, before + 1, 0,
						       __ATOMIC_ACQ_REL, __ATOMIC_RELAXED))
		return;
	for (i = 0; i < 8; i++)
		__atomic_store_n(&entry->words[i], words[i], __ATOMIC_RELEASE);
	__atomic_store_n(&entry->verdict, verdict, __ATOMIC_RELEASE);
	__atomic_store_n(&entry->sequence, before + 2, __ATOMIC_RELEASE);
}
