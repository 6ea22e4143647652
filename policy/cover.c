/* SPDX-License-Identifier: MIT
 * Whether one rule certainly takes all that another would take. "No" also means "not certain". */
#include "policy/internal.h"

#include <string.h>

static bool is_literal(const char *glob)
{
	return !glob[policy_glob_literal(glob)];
}

bool policy_cover_is_glob(enum policy_kind kind)
{
	return kind != POLICY_KIND_MOUNT_POINT && kind != POLICY_KIND_USER &&
	       kind != POLICY_KIND_YES;
}

/* True where whatever OTHER takes, GLOB takes too. */
static bool item_covers(enum policy_kind kind, const char *glob, const char *other)
{
	size_t prefix = policy_glob_literal(glob);
	const char *tail = glob + prefix;

	if (!strcmp(glob, other))
		return true;
	if (!policy_cover_is_glob(kind))
		return false;
	/* A base name is there whenever the whole path is; not the other way round. */
	if (kind == POLICY_KIND_PROGRAM && !strchr(glob, '/') != !strchr(other, '/'))
		return !strcmp(glob, "*") || !strcmp(glob, "**");
	if (is_literal(other))
		return policy_glob(glob, other);
	if (strncmp(glob, other, prefix))
		return false;
	if (!strcmp(tail, "**"))
		return true;
	return !strcmp(tail, "*") && !strchr(other + prefix, '/') && !strstr(other + prefix, "**");
}

const struct policy_item *policy_cover_first(const struct policy_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		if (!list->items[i].exclude)
			return &list->items[i];
	return NULL;
}

bool policy_cover_some(enum policy_kind kind, const struct policy_list *list, bool exclude,
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

	if (policy_cover_some(kind, list, true, exclude))
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
	if (policy_cover_first(earlier)) {
		if (!policy_cover_first(later))
			return false;
		for (size_t i = 0; i < later->count; i++)
			if (!later->items[i].exclude &&
			    !policy_cover_some(kind, earlier, false, later->items[i].text))
				return false;
	}
	for (size_t i = 0; i < earlier->count; i++)
		if (earlier->items[i].exclude &&
		    !exclude_is_harmless(kind, earlier->items[i].text, later))
			return false;
	return true;
}

enum policy_kind policy_cover_kind(int match)
{
	return policy_key_of_match((enum policy_match)match)->kind;
}

bool policy_cover_rule(const struct policy_rule *earlier, const struct policy_rule *later)
{
	if (earlier->match_set & ~later->match_set)
		return false;
	for (int i = 0; i < POLICY_MATCH_COUNT; i++)
		if (earlier->match_set & 1u << i &&
		    !list_covers(policy_cover_kind(i), &earlier->match[i], &later->match[i]))
			return false;
	return true;
}
