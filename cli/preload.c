/* SPDX-License-Identifier: MIT
 * LD_PRELOAD: extended, never overwritten. */
#include "cli/preload.h"
#include "cli/memory.h"

#include <string.h>

#define SEPARATORS " :\t\n" /* glibc's are the first two, musl takes any space */

static bool is(const char *object, size_t len, const char *name)
{
	return strlen(name) == len && !memcmp(object, name, len);
}

static bool is_a_lockshim(const char *object, size_t len)
{
	static const char name[] = "liblockshim.so";
	const char *slash = memrchr(object, '/', len);
	const char *base = slash ? slash + 1 : object, *end = base + strlen(name);

	if (end > object + len || memcmp(base, name, strlen(name)) != 0)
		return false;
	return end == object + len || *end == '.'; /* with a version after it */
}

/* The next object of the list, and steps over it; its length is 0 at the end. */
static size_t next_object(const char **at, const char **ret_object)
{
	size_t len;

	*at += strspn(*at, SEPARATORS);
	len = strcspn(*at, SEPARATORS);
	*ret_object = *at;
	*at += len;
	return len;
}

static bool holds(const char *list, const char *library)
{
	const char *object;
	size_t len;

	while ((len = next_object(&list, &object))) {
		if (is(object, len, library))
			return true;
	}
	return false;
}

bool cli_preload_can_hold(const char *path)
{
	return !strpbrk(path, SEPARATORS);
}

const char *cli_preload_extend(const char *existing, const char *library)
{
	const char *object;
	char *text, *end;
	size_t len;

	if (!existing)
		return library;
	if (holds(existing, library))
		return existing;
	text = cli_memory_get(strlen(library) + strlen(existing) + 2);
	end = stpcpy(text, library);
	while ((len = next_object(&existing, &object))) {
		if (is_a_lockshim(object, len))
			continue;
		*end++ = ':';
		end = mempcpy(end, object, len);
	}
	return text;
}
