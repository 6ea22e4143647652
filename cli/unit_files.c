/* SPDX-License-Identifier: MIT
 * systemd's search path, its drop-ins and its syntax: systemd.unit(5), systemd.syntax(7). */
#include "cli/unit_files.h"
#include "cli/below.h"
#include "cli/memory.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

/* The first that has a name wins. */
static const char *const directories[] = {
	"/etc/systemd/system.control", "/run/systemd/system.control",
	"/run/systemd/transient",      "/run/systemd/generator.early",
	CLI_UNIT_OWN_DIRECTORY,        "/etc/systemd/system.attached",
	"/run/systemd/system",         "/run/systemd/system.attached",
	"/run/systemd/generator",      "/usr/local/lib/systemd/system",
	"/usr/lib/systemd/system",     "/lib/systemd/system",
	"/run/systemd/generator.late",
};

#define DIRECTORIES (sizeof(directories) / sizeof(directories[0]))
#define LINKS 20

static const char *follow(const char *root, const char *path)
{
	const char *target;

	for (int i = 0; i < LINKS && (target = cli_below_link(root, path)); i++) {
		const char *slash = strrchr(path, '/');

		path = *target == '/'
			       ? target
			       : cli_memory_format("%.*s/%s", (int)(slash - path), path, target);
	}
	return path;
}

const char *cli_unit_read_below(const char *root, const char *path, const char **ret_path)
{
	*ret_path = follow(root, path);
	if (!strcmp(*ret_path, "/dev/null"))
		return "";
	return cli_below_read(root, *ret_path);
}

static struct cli_unit_setting *append(struct cli_unit_settings *settings)
{
	if (settings->count == settings->room) {
		size_t room = settings->room ? 2 * settings->room : 64;
		struct cli_unit_setting *at = cli_memory_get(room * sizeof(*at));

		if (settings->count)
			memcpy(at, settings->at, settings->count * sizeof(*at));
		settings->at = at;
		settings->room = room;
	}
	return &settings->at[settings->count++];
}

static char *trimmed(const char *text, size_t len)
{
	while (len && strchr(" \t\r", text[len - 1]))
		len--;
	while (len && strchr(" \t", *text)) {
		text++;
		len--;
	}
	return cli_memory_format("%.*s", (int)len, text);
}

/* The line at *AT with those that it goes on in; NULL at the end. Comments in between fall out. */
static char *whole_line(const char **at, unsigned *number)
{
	char *line = NULL;

	while (**at) {
		size_t len = strcspn(*at, "\n");
		char *part = trimmed(*at, len);
		bool comment = *part == '#' || *part == ';', more;

		*at += len + ((*at)[len] == '\n');
		++*number;
		if (comment && line)
			continue;
		len = strlen(part);
		more = !comment && len && part[len - 1] == '\\';
		if (more)
			part[len - 1] = ' ';
		line = line ? cli_memory_format("%s%s", line, part) : part;
		if (!more)
			break;
	}
	return line;
}

void cli_unit_parse(const char *text, const char *file, struct cli_unit_settings *settings)
{
	const char *section = "";
	unsigned number = 0, first = 1;
	char *line;

	for (; (line = whole_line(&text, &number)); first = number + 1) {
		const char *equals = strchr(line, '=');

		if (*line == '#' || *line == ';')
			continue;
		if (*line == '[')
			section = trimmed(line + 1, strcspn(line + 1, "]"));
		else if (equals)
			*append(settings) = (struct cli_unit_setting){
				.section = section,
				.key = trimmed(line, (size_t)(equals - line)),
				.value = trimmed(equals + 1, strlen(equals + 1)),
				.file = file,
				.line = first,
			};
	}
}

static const char *find_named(const char *root, const char *name)
{
	for (size_t i = 0; i < DIRECTORIES; i++) {
		const char *path = cli_memory_format("%s/%s", directories[i], name);

		if (cli_below_has(root, path))
			return path;
	}
	return NULL;
}

const char *cli_unit_template(const char *name)
{
	const char *at = strchr(name, '@'), *dot = strrchr(name, '.');

	if (!at || !dot || dot == at + 1)
		return NULL;
	return cli_memory_format("%.*s%s", (int)(at + 1 - name), name, dot);
}

const char *cli_unit_find(const char *root, const char *name)
{
	const char *path = find_named(root, name), *template = cli_unit_template(name);

	return path || !template ? path : find_named(root, template);
}

struct drop_in {
	const char *base, *path;
};

struct drop_ins {
	struct drop_in at[256];
	size_t count;
};

static bool is_known(const struct drop_ins *all, const char *base)
{
	for (size_t i = 0; i < all->count; i++) {
		if (!strcmp(all->at[i].base, base))
			return true;
	}
	return false;
}

/* Those of one directory; a name that a stronger one had already is masked. */
static void add_from(const char *root, const char *directory, struct drop_ins *all)
{
	int fd = cli_below_open(root, directory, O_RDONLY | O_DIRECTORY);
	DIR *open = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *entry;

	while (open && (entry = readdir(open))) {
		size_t len = strlen(entry->d_name);

		if (len <= 5 || *entry->d_name == '.' ||
		    strcmp(entry->d_name + len - 5, ".conf") != 0 || is_known(all, entry->d_name) ||
		    all->count == sizeof(all->at) / sizeof(all->at[0]))
			continue;
		all->at[all->count++] = (struct drop_in){
			cli_memory_format("%s", entry->d_name),
			cli_memory_format("%s/%s", directory, entry->d_name),
		};
	}
	if (open)
		closedir(open);
}

static void add_named(const char *root, const char *name, struct drop_ins *all)
{
	for (size_t i = 0; i < DIRECTORIES; i++)
		add_from(root, cli_memory_format("%s/%s.d", directories[i], name), all);
}

/* "a-b-c.service" has those of "a-b-.service" and "a-.service" too. */
static void add_prefixes(const char *root, const char *name, struct drop_ins *all)
{
	const char *dot = strrchr(name, '.');
	size_t len = (size_t)(dot - name);

	while (len > 1) {
		for (len--; len && name[len - 1] != '-'; len--)
			continue;
		if (len)
			add_named(root, cli_memory_format("%.*s%s", (int)len, name, dot), all);
	}
}

static void add_all(const char *root, const char *name, struct drop_ins *all)
{
	const char *template = cli_unit_template(name);

	add_named(root, name, all);
	if (template)
		add_named(root, template, all);
	add_prefixes(root, name, all);
}

/* The alias that ENTRY, "smtp.service" or "smtp@.service", is of NAME: a link that ends in the
 * name, or in its template. NULL: it is none. */
static const char *alias_in(const char *root, const char *directory, const char *entry,
			    const char *name)
{
	const char *path = cli_memory_format("%s/%s", directory, entry);
	const char *template = cli_unit_template(name), *end = follow(root, path);
	const char *base = strrchr(end, '/') + 1, *at = strstr(entry, "@.");

	if (!strcmp(end, path) || !strcmp(entry, name))
		return NULL;
	if (!strcmp(base, name))
		return cli_memory_format("%s", entry);
	if (!at || !template || strcmp(base, template) != 0 || !strcmp(entry, template))
		return NULL;
	return cli_memory_format("%.*s%s", (int)(at + 1 - entry), entry, strchr(name, '@') + 1);
}

static void add_aliases(const char *root, const char *directory, const char *name,
			struct drop_ins *all)
{
	int fd = cli_below_open(root, directory, O_RDONLY | O_DIRECTORY);
	DIR *open = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *entry;

	while (open && (entry = readdir(open))) {
		size_t len = strlen(entry->d_name);
		const char *alias = len > 8 && !strcmp(entry->d_name + len - 8, ".service")
					    ? alias_in(root, directory, entry->d_name, name)
					    : NULL;

		if (alias)
			add_all(root, alias, all);
	}
	if (open)
		closedir(open);
}

static int by_name(const void *one, const void *other)
{
	return strcmp(((const struct drop_in *)one)->base, ((const struct drop_in *)other)->base);
}

const char **cli_unit_drop_ins(const char *root, const char *name)
{
	struct drop_ins *all = cli_memory_get(sizeof(*all));
	const char **paths;

	add_all(root, name, all);
	for (size_t i = 0; i < DIRECTORIES; i++)
		add_aliases(root, directories[i], name, all);
	add_named(root, "service", all);
	qsort(all->at, all->count, sizeof(all->at[0]), by_name);
	paths = cli_memory_get((all->count + 1) * sizeof(*paths));
	for (size_t i = 0; i < all->count; i++)
		paths[i] = all->at[i].path;
	return paths;
}
