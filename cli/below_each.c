/* SPDX-License-Identifier: MIT
 * glob(3) below a directory: the path is walked part by part. */
#include "cli/below.h"
#include "cli/memory.h"

#include <dirent.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <string.h>

struct walk {
	const char *root;
	void (*each)(void *context, const char *path);
	void *context;
};

static void walk(const struct walk *to, const char *directory, const char *pattern);

static void step(const struct walk *to, const char *path, const char *rest)
{
	if (*rest)
		walk(to, path, rest);
	else if (cli_below_has(to->root, path))
		to->each(to->context, path);
}

static void walk_matching(const struct walk *to, const char *directory, const char *name,
			  const char *rest)
{
	int fd = cli_below_open(to->root, *directory ? directory : "/", O_RDONLY | O_DIRECTORY);
	DIR *open = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *entry;

	while (open && (entry = readdir(open))) {
		if (!fnmatch(name, entry->d_name, FNM_PERIOD))
			step(to, cli_memory_format("%s/%s", directory, entry->d_name), rest);
	}
	if (open)
		closedir(open);
}

static void walk(const struct walk *to, const char *directory, const char *pattern)
{
	size_t len = strcspn(pattern, "/");
	const char *name = cli_memory_format("%.*s", (int)len, pattern);
	const char *rest = pattern + len + strspn(pattern + len, "/");

	if (strpbrk(name, "*?[\\"))
		walk_matching(to, directory, name, rest);
	else
		step(to, cli_memory_format("%s/%s", directory, name), rest);
}

void cli_below_each(const char *root, const char *pattern,
		    void (*each)(void *context, const char *path), void *context)
{
	const struct walk to = { root, each, context };

	if (*pattern == '/')
		walk(&to, "", pattern + strspn(pattern, "/"));
}
