/* SPDX-License-Identifier: MIT
 * Joins items of LOCKSHIM_SET. What an item means is for the policy library to say. */
#include "cli/overlay.h"
#include "cli/memory.h"

#include <string.h>

#define SPACE " \t\r"

struct item {
	const char *text;
	size_t len, key_len;
};

static struct item item_at(const char *text, size_t len)
{
	const char *equals;
	struct item item;

	while (len && strchr(SPACE, *text)) {
		text++;
		len--;
	}
	while (len && strchr(SPACE, text[len - 1]))
		len--;
	equals = memchr(text, '=', len);
	item = (struct item){ text, len, equals ? (size_t)(equals - text) : len };
	while (item.key_len && strchr(SPACE, text[item.key_len - 1]))
		item.key_len--;
	return item;
}

static bool same_key(const struct item *one, const struct item *other)
{
	return one->key_len == other->key_len && !memcmp(one->text, other->text, one->key_len);
}

/* Items of TEXT that stand in OUT are replaced where `replace`, else kept beside: LOCKSHIM_SET
 * naming a key twice is an error of its writer, not ours to hide. */
static size_t add(struct item *out, size_t count, const char *text, bool replace)
{
	while (*text) {
		size_t len = strcspn(text, ";\n");
		struct item item = item_at(text, len);
		size_t kept = 0;

		text += len + (text[len] != '\0');
		if (!item.len)
			continue;
		for (size_t i = 0; i < count; i++) {
			if (!replace || !same_key(&out[i], &item))
				out[kept++] = out[i];
		}
		out[kept++] = item;
		count = kept;
	}
	return count;
}

static const char *join(const struct item *items, size_t count, size_t room)
{
	char *text = cli_memory_get(room), *end = text;

	for (size_t i = 0; i < count; i++) {
		if (i)
			end = mempcpy(end, "; ", 2);
		end = mempcpy(end, items[i].text, items[i].len);
	}
	return count ? text : NULL;
}

const char *cli_overlay_join(const char *existing, const struct cli_texts *added)
{
	size_t bytes = existing ? strlen(existing) : 0, count = 0;
	struct item *items;

	if (!added->count)
		return bytes ? existing : NULL;
	for (size_t i = 0; i < added->count; i++)
		bytes += strlen(added->at[i]);
	items = cli_memory_get((bytes + 1) * sizeof(*items));
	if (existing)
		count = add(items, count, existing, false);
	for (size_t i = 0; i < added->count; i++)
		count = add(items, count, added->at[i], true);
	return join(items, count, 3 * bytes + 1);
}
