/* SPDX-License-Identifier: MIT
 * Joins a few globs, each once. */
#include "cli/advise_trace_paths.h"
#include "cli/advise_trace_text.h"
#include "cli/memory.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { ITEMS_MAX = 8, LIST_MAX = 3500 };

static int by_text(const void *one, const void *other)
{
	return strcmp(*(const char *const *)one, *(const char *const *)other);
}

/* Sorts, and leaves each text once. Returns how many are left. */
static size_t make_unique(const char **texts, size_t count)
{
	size_t left = 0;

	qsort(texts, count, sizeof(*texts), by_text);
	for (size_t i = 0; i < count; i++) {
		if (!left || strcmp(texts[left - 1], texts[i]))
			texts[left++] = texts[i];
	}
	return left;
}

/* TEXTS with what is behind each of them; NULL where they are too many. */
static const char *join(const char *const *texts, size_t count, const char *behind)
{
	const char *list = "";

	if (count > ITEMS_MAX)
		return NULL;
	for (size_t i = 0; i < count; i++) {
		list = cli_memory_format("%s%s%s%s", list, i ? ", " : "",
					 advise_glob(texts[i], false), behind);
	}
	return strlen(list) > LIST_MAX ? NULL : list;
}

static const char *directory(const char *path)
{
	const char *slash = strrchr(path, '/');

	return cli_memory_format("%.*s", slash ? (int)(slash - path) : 0, path);
}

static size_t go_up(const char **texts, size_t count)
{
	const char *to = NULL;

	for (size_t i = 0; i < count; i++) {
		size_t len = to ? strlen(to) : 0;

		/* As a rule they lie side by side. */
		if (!to || strncmp(texts[i], to, len) || texts[i][len] != '/' ||
		    strchr(texts[i] + len + 1, '/'))
			to = directory(texts[i]);
		texts[i] = to;
	}
	return make_unique(texts, count);
}

static const char **copy_of(const char *const *paths, size_t count)
{
	const char **copy = cli_memory_get((count + 1) * sizeof(*copy));

	memcpy(copy, paths, count * sizeof(*copy));
	return copy;
}

const char *advise_paths_exact(const char *const *paths, size_t count)
{
	const char **copy = copy_of(paths, count);

	return join(copy, make_unique(copy, count), "");
}

const char *advise_paths_around(const char *const *paths, size_t count)
{
	const char **texts = copy_of(paths, count), *list, *behind = "/*";

	count = go_up(texts, make_unique(texts, count));
	while (!(list = join(texts, count, behind))) {
		count = go_up(texts, count);
		behind = "/**";
	}
	return list;
}
