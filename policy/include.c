/* SPDX-License-Identifier: MIT
 * Which files an include names: a literal name, or a glob's matches in the order of strcmp. */
#include "policy/internal.h"

#include <errno.h>
#include <string.h>

#include "policy/sys.h"

#define ENTRIES_SIZE 4096

/* What getdents64 fills. */
struct entry {
	uint64_t inode;
	int64_t offset;
	uint16_t length;
	uint8_t type;
	char name[];
};

struct found {
	struct found *next;
	const char *path;
};

struct search {
	struct policy_reader *reader;
	const struct policy_word *value;
	const char *directory; /* with its last slash */
	const char *pattern;
	struct found *found;
	size_t count;
};

static int fail_memory(const struct search *search)
{
	return policy_fail_memory(search->reader->err, &search->value->place);
}

static bool matches(const struct search *search, const char *name)
{
	if (*name == '.' && *search->pattern != '.')
		return false;
	return strcmp(name, ".") && strcmp(name, "..") && policy_glob(search->pattern, name);
}

static int add(struct search *search, const char *name)
{
	struct policy_arena *arena = &search->reader->arena;
	size_t before = strlen(search->directory), len = strlen(name);
	struct found *found = policy_arena_get(arena, sizeof(*found));
	char *path = found ? policy_arena_get(arena, before + len + 1) : NULL;

	if (!path)
		return fail_memory(search);
	memcpy(path, search->directory, before);
	memcpy(path + before, name, len);
	found->path = path;
	found->next = search->found;
	search->found = found;
	search->count++;
	return 0;
}

static int read_entries(struct search *search, int fd)
{
	char *entries = search->reader->entries;
	long got;

	while ((got = sys_getdents(fd, entries, ENTRIES_SIZE)) > 0) {
		for (long at = 0; at < got;) {
			const struct entry *entry = (const struct entry *)(entries + at);
			int result = matches(search, entry->name) ? add(search, entry->name) : 0;

			if (result)
				return result;
			at += entry->length;
		}
	}
	return (int)got;
}

static int read_directory(struct search *search)
{
	struct policy_reader *reader = search->reader;
	int fd, result;

	if (!reader->entries)
		reader->entries = policy_arena_get(&reader->arena, ENTRIES_SIZE);
	if (!reader->entries)
		return fail_memory(search);
	fd = sys_open(search->directory, O_RDONLY | O_DIRECTORY | O_NONBLOCK);
	if (fd == -ENOENT)
		return 0;
	result = fd < 0 ? fd : read_entries(search, fd);
	if (fd >= 0)
		sys_close(fd);
	if (!result || result == -ENOMEM)
		return result;
	return policy_fail(reader->err, &search->value->place, result,
			   "%s: the directory cannot be read (%s); make it readable, or drop the "
			   "include",
			   search->directory,
			   policy_errno_name(-result) ? policy_errno_name(-result) : "unknown");
}

static void sift_down(const char **names, size_t at, size_t count)
{
	size_t child;

	while ((child = 2 * at + 1) < count) {
		const char *name = names[at];

		if (child + 1 < count && strcmp(names[child], names[child + 1]) < 0)
			child++;
		if (strcmp(name, names[child]) >= 0)
			return;
		names[at] = names[child];
		names[child] = name;
		at = child;
	}
}

/* Heap sort: libc's qsort may allocate. */
static void sort(const char **names, size_t count)
{
	for (size_t at = count / 2; at-- > 0;)
		sift_down(names, at, count);
	while (count-- > 1) {
		const char *greatest = names[0];

		names[0] = names[count];
		names[count] = greatest;
		sift_down(names, 0, count);
	}
}

static int set_pending(struct search *search)
{
	struct policy_source *top = search->reader->top;
	const char **names;
	size_t at = 0;

	if (!search->count)
		return 0;
	names = policy_arena_get(&search->reader->arena, search->count * sizeof(*names));
	if (!names)
		return fail_memory(search);
	for (const struct found *found = search->found; found; found = found->next)
		names[at++] = found->path;
	sort(names, at);
	top->pending = names;
	top->pending_count = at;
	top->pending_column = search->value->place.column;
	return 0;
}

/* Cuts the value into directory and pattern. */
static int split(struct search *search)
{
	struct policy_arena *arena = &search->reader->arena;
	size_t len = (size_t)(search->pattern - search->value->text);
	char *directory = policy_arena_copy(arena, search->value->text, len);

	if (!directory)
		return fail_memory(search);
	policy_glob_unescape(directory);
	search->directory = directory;
	return 0;
}

int policy_source_include(struct policy_reader *reader, const struct policy_word *value)
{
	struct search search = { .reader = reader, .value = value, .directory = "" };
	const char *fault = policy_glob_fault(value->text);
	int result;

	if (*value->text != '/')
		fault = "is not an absolute path; begin it with \"/\"";
	if (!fault) {
		search.pattern = strrchr(value->text, '/') + 1;
		if (policy_glob_has_wildcard(value->text, (size_t)(search.pattern - value->text)))
			fault = "has a wildcard in its directory; only the last part may have one";
	}
	if (fault)
		return policy_fail(reader->err, &value->place, -EINVAL, "\"%w\" %s", value->text,
				   value->len, fault);
	if (!policy_glob_has_wildcard(search.pattern, strlen(search.pattern))) {
		policy_glob_unescape(value->text);
		result = add(&search, value->text);
	} else {
		result = split(&search);
		if (!result)
			result = read_directory(&search);
	}
	return result ? result : set_pending(&search);
}
