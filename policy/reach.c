/* SPDX-License-Identifier: MIT
 * Rules that can never be reached because one earlier rule takes all that they would take. Never
 * calls a reachable rule unreachable; several rules that hide one only together are not seen, nor
 * what a very large policy hides after so many comparisons. */
#include "policy/internal.h"

#include <errno.h>
#include <string.h>

/* What an item of an earlier rule is filed under, so that not all is compared with all. A rule that
 * covers another has an item that covers the other's first item, and that item is found here: */
enum way {
	BEGINNING, /* a literal, or one with stars at its end: by what comes before the stars */
	WHOLE,     /* another glob: by its text, as it covers the same text */
	LITERAL,   /* another glob: by what comes before its wildcards, as it covers literals */
};

struct filed {
	struct filed *next;
	uint64_t hash;
	size_t rule;
};

struct index {
	const struct policy *policy;
	struct filed **buckets, *free;
	size_t size;
	size_t *unfiled, unfiled_count; /* rules without any item to file them under */
	size_t comparisons;             /* of items, that are still to be spent */
};

/* Every process pays for the search at its start. A policy of some hundred rules is searched whole;
 * thousands that only exclude, or that begin alike, would be compared all with all. */
#define COMPARISONS 250000

static uint64_t hash_start(int match, enum way way)
{
	char seed[2] = { (char)match, (char)way };

	return policy_hash(POLICY_HASH_START, seed, sizeof(seed));
}

static size_t prefix_len(int match, const char *text)
{
	return policy_cover_is_glob(policy_cover_kind(match)) ? policy_glob_literal(text)
							      : strlen(text);
}

/* The key whose items tell most: the longest shortest prefix. -1: none has an item to file under.
 */
static int best_key(const struct policy_rule *rule)
{
	size_t best_len = 0;
	int best = -1;

	for (int match = 0; match < POLICY_MATCH_COUNT; match++) {
		const struct policy_list *list = &rule->match[match];
		size_t shortest = SIZE_MAX;

		for (size_t i = 0; i < list->count; i++) {
			size_t len = prefix_len(match, list->items[i].text);

			if (!list->items[i].exclude && len < shortest)
				shortest = len;
		}
		if (shortest != SIZE_MAX && (best < 0 || shortest > best_len)) {
			best = match;
			best_len = shortest;
		}
	}
	return best;
}

static void file_under(struct index *index, size_t rule, uint64_t hash)
{
	struct filed *filed = index->free++;
	struct filed **bucket = &index->buckets[hash & (index->size - 1)];

	filed->rule = rule;
	filed->hash = hash;
	filed->next = *bucket;
	*bucket = filed;
}

static void file_item(struct index *index, size_t rule, int match, const char *text)
{
	size_t prefix = prefix_len(match, text);
	const char *tail = text + prefix;

	if (!*tail || !strcmp(tail, "*") || !strcmp(tail, "**")) {
		file_under(index, rule, policy_hash(hash_start(match, BEGINNING), text, prefix));
		return;
	}
	file_under(index, rule, policy_hash(hash_start(match, WHOLE), text, strlen(text)));
	file_under(index, rule, policy_hash(hash_start(match, LITERAL), text, prefix));
}

static void file_rule(struct index *index, size_t number)
{
	const struct policy_rule *rule = index->policy->rules[number];
	int match = best_key(rule);
	const struct policy_list *list;

	if (match < 0) {
		index->unfiled[index->unfiled_count++] = number;
		return;
	}
	list = &rule->match[match];
	for (size_t i = 0; i < list->count; i++)
		if (!list->items[i].exclude)
			file_item(index, number, match, list->items[i].text);
}

/* True where EARLIER hides RULE; false as well once too much was compared. */
static bool hides(struct index *index, size_t earlier, const struct policy_rule *rule)
{
	const struct policy_rule *hiding = index->policy->rules[earlier];
	size_t cost = 1;

	for (int match = 0; match < POLICY_MATCH_COUNT; match++)
		cost += hiding->match[match].count * rule->match[match].count;
	if (cost > index->comparisons) {
		index->comparisons = 0;
		return false;
	}
	index->comparisons -= cost;
	return policy_cover_rule(hiding, rule);
}

/* The first rule before BEST that is filed under HASH and covers RULE, else BEST. */
static size_t find_at(struct index *index, const struct policy_rule *rule, uint64_t hash,
		      size_t best)
{
	const struct filed *filed = index->buckets[hash & (index->size - 1)];

	for (; filed && index->comparisons; filed = filed->next)
		if (filed->hash == hash && filed->rule < best && hides(index, filed->rule, rule))
			best = filed->rule;
	return best;
}

/* The same under every prefix of TEXT. */
static size_t find_prefixes(struct index *index, const struct policy_rule *rule, uint64_t hash,
			    const char *text, size_t best)
{
	for (;; text++) {
		best = find_at(index, rule, hash, best);
		if (!*text)
			return best;
		hash = policy_hash(hash, text, 1);
	}
}

static size_t find_item(struct index *index, const struct policy_rule *rule, int match,
			const char *text, size_t best)
{
	size_t len = strlen(text);

	best = find_prefixes(index, rule, hash_start(match, BEGINNING), text, best);
	best = find_at(index, rule, policy_hash(hash_start(match, WHOLE), text, len), best);
	if (prefix_len(match, text) == len)
		best = find_prefixes(index, rule, hash_start(match, LITERAL), text, best);
	return best;
}

/* The first rule filed so far that hides RULE, or SIZE_MAX. */
static size_t find_hiding(struct index *index, const struct policy_rule *rule)
{
	size_t best = SIZE_MAX;

	for (int match = 0; match < POLICY_MATCH_COUNT; match++) {
		const struct policy_item *item = policy_cover_first(&rule->match[match]);

		if (item)
			best = find_item(index, rule, match, item->text, best);
	}
	for (size_t i = 0; index->comparisons && i < index->unfiled_count; i++)
		if (index->unfiled[i] >= best || hides(index, index->unfiled[i], rule))
			return index->unfiled[i] < best ? index->unfiled[i] : best;
	return best;
}

/* The key of a list that excludes all it names, or -1. */
static int emptied_key(const struct policy_rule *rule)
{
	for (int match = 0; match < POLICY_MATCH_COUNT; match++) {
		const struct policy_list *list = &rule->match[match];
		bool emptied = policy_cover_first(list);

		for (size_t i = 0; emptied && i < list->count; i++)
			emptied = list->items[i].exclude ||
				  policy_cover_some(policy_cover_kind(match), list, true,
						    list->items[i].text);
		if (emptied)
			return match;
	}
	return -1;
}

static int check_rule(struct index *index, const struct policy_rule *rule, struct policy_error *err)
{
	struct policy_place place = { rule->file, rule->line, rule->column };
	const struct policy_rule *hiding;
	int emptied = emptied_key(rule);
	size_t found;

	if (emptied >= 0)
		return policy_fail(err, &place, -EINVAL,
				   "rule \"%s\" can never match: its \"%s\" excludes all it names",
				   rule->name,
				   policy_key_of_match((enum policy_match)emptied)->name);
	found = find_hiding(index, rule);
	if (found == SIZE_MAX)
		return 0;
	hiding = index->policy->rules[found];
	return policy_fail(err, &place, -EINVAL,
			   "rule \"%s\" can never be reached: rule \"%s\" (%s:%u) takes all it "
			   "matches; move it before that one",
			   rule->name, hiding->name, hiding->file, hiding->line);
}

static bool init(struct index *index, struct policy_arena *arena)
{
	const struct policy *policy = index->policy;
	size_t items = 0;

	for (size_t i = 0; i < policy->rules_count; i++)
		for (int match = 0; match < POLICY_MATCH_COUNT; match++)
			items += policy->rules[i]->match[match].count;
	for (index->size = 1; index->size < 2 * items;)
		index->size *= 2;
	index->buckets = policy_arena_get(arena, index->size * sizeof(*index->buckets));
	index->free = policy_arena_get(arena, 2 * items * sizeof(*index->free));
	index->unfiled = policy_arena_get(arena, policy->rules_count * sizeof(*index->unfiled));
	return index->buckets && index->free && index->unfiled;
}

int policy_reach_check(const struct policy *policy, struct policy_arena *arena,
		       struct policy_error *err)
{
	struct index index = { .policy = policy, .comparisons = COMPARISONS };
	int result = 0;

	if (!policy->rules_count)
		return 0;
	if (!init(&index, arena))
		return policy_fail_memory(err,
					  &(struct policy_place){ policy->rules[0]->file, 0, 0 });
	for (size_t i = 0; !result && i < policy->rules_count; i++) {
		result = check_rule(&index, policy->rules[i], err);
		file_rule(&index, i);
	}
	return result;
}
