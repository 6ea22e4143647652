/* SPDX-License-Identifier: MIT
 * Rules that can never be reached because one earlier rule takes all that they would take. Never
 * calls a reachable rule unreachable; several rules that hide one only together are not seen. */
#include "policy/internal.h"

#include <errno.h>
#include <string.h>

/* An earlier rule, filed under the literal beginning of each of its items in one list. An item
 * that covers another begins with a literal prefix of it, so a rule that covers this one is found
 * under some prefix of this one's first item: no need to compare all with all. */
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
};

static bool is_literal(const char *glob)
{
	return !glob[policy_glob_literal(glob)];
}

static bool is_glob(enum policy_kind kind)
{
	return kind != POLICY_KIND_MOUNT_POINT && kind != POLICY_KIND_USER;
}

/* True where whatever OTHER takes, GLOB takes too. */
static bool item_covers(enum policy_kind kind, const char *glob, const char *other)
{
	size_t prefix = policy_glob_literal(glob);
	const char *tail = glob + prefix;

	if (!strcmp(glob, other))
		return true;
	if (!is_glob(kind))
		return false;
	/* A base name is there whenever the whole path is; not the other way round. */
	if (kind == POLICY_KIND_PROGRAM && !strchr(glob, '/') != !strchr(other, '/'))
		return !strcmp(glob, "*") || !strcmp(glob, "**");
	if (is_literal(other))
		return policy_glob(glob, other);
	if (policy_glob_literal(other) < prefix || memcmp(glob, other, prefix))
		return false;
	if (!strcmp(tail, "**"))
		return true;
	return !strcmp(tail, "*") && !strchr(other + prefix, '/') && !strstr(other + prefix, "**");
}

static const struct policy_item *first_positive(const struct policy_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		if (!list->items[i].exclude)
			return &list->items[i];
	return NULL;
}

static bool some_covers(enum policy_kind kind, const struct policy_list *list, bool exclude,
			const char *text)
{
	for (size_t i = 0; i < list->count; i++)
		if (list->items[i].exclude == exclude &&
		    item_covers(kind, list->items[i].text, text))
			return true;
	return false;
}

/* True where EXCLUDE of an earlier list cannot take away what LIST matches. */
static bool exclude_is_harmless(enum policy_kind kind, const char *exclude,
				const struct policy_list *list)
{
	bool any = false;

	if (some_covers(kind, list, true, exclude))
		return true;
	/* Programs have several names, and mount points and users may name one thing twice. */
	if (kind != POLICY_KIND_PATH_GLOB && kind != POLICY_KIND_NAME_GLOB)
		return false;
	for (size_t i = 0; i < list->count; i++) {
		const struct policy_item *item = &list->items[i];

		if (item->exclude)
			continue;
		any = true;
		if (!is_literal(item->text) || policy_glob(exclude, item->text))
			return false;
	}
	return any;
}

static bool list_covers(enum policy_kind kind, const struct policy_list *earlier,
			const struct policy_list *later)
{
	if (first_positive(earlier)) {
		if (!first_positive(later))
			return false;
		for (size_t i = 0; i < later->count; i++)
			if (!later->items[i].exclude &&
			    !some_covers(kind, earlier, false, later->items[i].text))
				return false;
	}
	for (size_t i = 0; i < earlier->count; i++)
		if (earlier->items[i].exclude &&
		    !exclude_is_harmless(kind, earlier->items[i].text, later))
			return false;
	return true;
}

static enum policy_kind kind_of(int match)
{
	return policy_key_of_match((enum policy_match)match)->kind;
}

static bool rule_covers(const struct policy_rule *earlier, const struct policy_rule *later)
{
	if (earlier->match_set & ~later->match_set)
		return false;
	for (int i = 0; i < POLICY_MATCH_COUNT; i++)
		if (earlier->match_set & 1u << i &&
		    !list_covers(kind_of(i), &earlier->match[i], &later->match[i]))
			return false;
	return true;
}

static uint64_t hash_start(int match)
{
	char byte = (char)match;

	return policy_hash(POLICY_HASH_START, &byte, 1);
}

static size_t prefix_len(int match, const char *text)
{
	return is_glob(kind_of(match)) ? policy_glob_literal(text) : strlen(text);
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
	for (size_t i = 0; i < list->count; i++) {
		const char *text = list->items[i].text;
		struct filed *filed, **bucket;

		if (list->items[i].exclude)
			continue;
		filed = index->free++;
		filed->rule = number;
		filed->hash = policy_hash(hash_start(match), text, prefix_len(match, text));
		bucket = &index->buckets[filed->hash & (index->size - 1)];
		filed->next = *bucket;
		*bucket = filed;
	}
}

/* The first rule before BEST that covers RULE and is filed under a prefix of TEXT, else BEST. */
static size_t find_filed(const struct index *index, const struct policy_rule *rule, int match,
			 const char *text, size_t best)
{
	uint64_t hash = hash_start(match);

	for (;; text++) {
		const struct filed *filed = index->buckets[hash & (index->size - 1)];

		for (; filed; filed = filed->next)
			if (filed->hash == hash && filed->rule < best &&
			    rule_covers(index->policy->rules[filed->rule], rule))
				best = filed->rule;
		if (!*text)
			return best;
		hash = policy_hash(hash, text, 1);
	}
}

/* The first rule filed so far that hides RULE, or SIZE_MAX. */
static size_t find_hiding(const struct index *index, const struct policy_rule *rule)
{
	size_t best = SIZE_MAX;

	for (size_t i = 0; i < index->unfiled_count && best == SIZE_MAX; i++)
		if (rule_covers(index->policy->rules[index->unfiled[i]], rule))
			best = index->unfiled[i];
	for (int match = 0; match < POLICY_MATCH_COUNT; match++) {
		const struct policy_item *item = first_positive(&rule->match[match]);

		if (item)
			best = find_filed(index, rule, match, item->text, best);
	}
	return best;
}

/* The key of a list that excludes all it names, or -1. */
static int emptied_key(const struct policy_rule *rule)
{
	for (int match = 0; match < POLICY_MATCH_COUNT; match++) {
		const struct policy_list *list = &rule->match[match];
		bool emptied = first_positive(list);

		for (size_t i = 0; emptied && i < list->count; i++)
			emptied = list->items[i].exclude ||
				  some_covers(kind_of(match), list, true, list->items[i].text);
		if (emptied)
			return match;
	}
	return -1;
}

static int check_rule(const struct index *index, const struct policy_rule *rule,
		      struct policy_error *err)
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
	for (index->size = 1; index->size < items;)
		index->size *= 2;
	index->buckets = policy_arena_get(arena, index->size * sizeof(*index->buckets));
	index->free = policy_arena_get(arena, items * sizeof(*index->free));
	index->unfiled = policy_arena_get(arena, policy->rules_count * sizeof(*index->unfiled));
	return index->buckets && index->free && index->unfiled;
}

int policy_reach_check(const struct policy *policy, struct policy_arena *arena,
		       struct policy_error *err)
{
	struct index index = { .policy = policy };
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
