/* SPDX-License-Identifier: MIT
 * Lists: split at commas in place, each item checked as its key asks. */
#include "policy/internal.h"

#include <errno.h>
#include <string.h>

#define NOT_ABSOLUTE "is not an absolute path; begin it with \"/\""

/* Each check answers NULL or what is wrong, as it follows the quoted item. */

/* A resolved path has no such components: a pattern with one would match nothing, in silence. */
static const char *components_fault(const char *path)
{
	while (*path) {
		size_t len = strcspn(++path, "/");

		if (!path[len] && !len)
			return "ends in \"/\", which no file's path does; \"/**\" is all below it";
		if (!len || (len == 1 && path[0] == '.') || (len == 2 && !memcmp(path, "..", 2)))
			return "can match no resolved path; leave out empty, \".\" and \"..\" "
			       "parts";
		path += len;
	}
	return NULL;
}

static const char *check_glob(char *text)
{
	return policy_glob_fault(text);
}

static const char *check_path(char *text)
{
	const char *fault = policy_glob_fault(text);

	if (*text != '/')
		return NOT_ABSOLUTE;
	return fault ? fault : components_fault(text);
}

static const char *check_program(char *text)
{
	return strchr(text, '/') ? check_path(text) : check_glob(text);
}

static const char *check_mount_point(char *text)
{
	size_t len = strlen(text);
	const char *fault;

	if (*text != '/')
		return NOT_ABSOLUTE;
	if (policy_glob_has_wildcard(text, len))
		return "has a wildcard; name the mount point, or use the key path";
	fault = policy_glob_fault(text);
	if (fault)
		return fault;
	policy_glob_unescape(text);
	for (len = strlen(text); len > 1 && text[len - 1] == '/'; len--)
		text[len - 1] = '\0';
	return len > 1 ? components_fault(text) : NULL;
}

static const char *check_user(char *text)
{
	uint64_t number = 0;

	if (text[strspn(text, "0123456789")])
		return strpbrk(text, ":/*?[\\ \t") || strchr("-+", *text)
			       ? "is no user name; write a plain name or a number"
			       : NULL;
	for (; *text && number < UINT32_MAX; text++)
		number = 10 * number + (uint64_t)(*text - '0');
	return number < UINT32_MAX ? NULL : "is no user; numbers end at 4294967294";
}

static const char *check_yes(char *text)
{
	return strcmp(text, "yes") ? "means nothing here; write yes or !yes" : NULL;
}

static const char *(*const checks[])(char *text) = {
	[POLICY_KIND_MOUNT_POINT] = check_mount_point,
	[POLICY_KIND_PATH_GLOB] = check_path,
	[POLICY_KIND_NAME_GLOB] = check_glob,
	[POLICY_KIND_PROGRAM] = check_program,
	[POLICY_KIND_USER] = check_user,
	[POLICY_KIND_YES] = check_yes,
};

/* The first comma that is none of an item's own, or END. */
static char *item_end(char *at, const char *end)
{
	while (at < end && *at != ',')
		at += *at == '\\' && at + 1 < end ? 2 : 1;
	return at;
}

static size_t count_items(char *at, const char *end)
{
	size_t count = 1;

	while ((at = item_end(at, end)) < end) {
		count++;
		at++;
	}
	return count;
}

/* "\," becomes a comma; other backslashes are the glob's. Terminates. */
static void undo_commas(struct policy_word *word)
{
	char *to = word->text, *end = word->text + word->len;

	for (char *from = word->text; from < end; from++) {
		if (*from == '\\' && from + 1 < end) {
			if (from[1] != ',')
				*to++ = *from;
			from++;
		}
		*to++ = *from;
	}
	*to = '\0';
	word->len = (size_t)(to - word->text);
}

static int read_item(const struct policy_key *key, struct policy_word *word,
		     struct policy_item *ret, struct policy_error *err)
{
	const char *fault;

	policy_word_trim(word);
	ret->column = word->place.column;
	if (word->len && *word->text == '!') {
		ret->exclude = true;
		word->text++;
		word->len--;
		word->place.column++;
		policy_word_trim(word);
	}
	if (!word->len && ret->exclude) {
		word->place.column = ret->column;
		return policy_fail(err, &word->place, -EINVAL,
				   "\"!\" excludes nothing; write !ITEM");
	}
	if (!word->len)
		return policy_fail(
			err, &word->place, -EINVAL,
			"empty item in the list; drop a comma, or write \"\\,\" for one");
	undo_commas(word);
	fault = checks[key->kind](word->text);
	if (fault)
		return policy_fail(err, &word->place, -EINVAL, "\"%w\" %s", word->text, word->len,
				   fault);
	ret->text = word->text;
	return 0;
}

static int intern_filesystem(struct policy_reader *reader, struct policy_item *item,
			     const struct policy_place *place)
{
	struct policy_entry *entry = policy_table_find(&reader->filesystems, item->text);

	if (!entry)
		entry = policy_table_add(&reader->filesystems, &reader->arena, item->text, NULL);
	if (!entry)
		return policy_fail_memory(reader->err, place);
	item->text = entry->name;
	item->filesystem = (int)entry->number;
	return 0;
}

int policy_list_read(struct policy_reader *reader, const struct policy_key *key,
		     const struct policy_word *value, struct policy_list *ret)
{
	char *at = value->text, *end = value->text + value->len;
	size_t count = count_items(at, end);
	struct policy_item *items = policy_arena_get(&reader->arena, count * sizeof(*items));

	if (!items)
		return policy_fail_memory(reader->err, &value->place);
	for (size_t i = 0; i < count; i++) {
		char *comma = item_end(at, end);
		struct policy_word word = { at, (size_t)(comma - at), value->place };
		int result;

		word.place.column += (unsigned)(at - value->text);
		result = read_item(key, &word, &items[i], reader->err);
		if (!result && key->kind == POLICY_KIND_MOUNT_POINT)
			result = intern_filesystem(reader, &items[i], &word.place);
		if (result)
			return result;
		at = comma + 1;
	}
	*ret = (struct policy_list){ items, count, value->place.line };
	return 0;
}
