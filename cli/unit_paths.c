/* SPDX-License-Identifier: MIT
 * Of all settings that name a directory over the path the one that names the longest decides. */
#include "cli/unit_paths.h"
#include "cli/below.h"
#include "cli/memory.h"

#include <string.h>

struct best {
	const char *path;
	size_t len;
	enum cli_unit_sight sight;
	const char *by;
};

bool cli_unit_is_below(const char *path, const char *directory)
{
	size_t len = strlen(directory);

	while (len && directory[len - 1] == '/')
		len--;
	return !strncmp(path, directory, len) && (!path[len] || path[len] == '/');
}

static void meet(struct best *best, const char *directory, enum cli_unit_sight sight,
		 const char *by)
{
	size_t len = strlen(directory);

	if (!cli_unit_is_below(best->path, directory) || len < best->len ||
	    (len == best->len && sight < best->sight && best->by))
		return;
	best->len = len;
	best->sight = sight;
	best->by = by;
}

/* The settings that have lists of paths. */
static const struct {
	const char *key;
	enum cli_unit_sight sight;
} lists[] = {
	{ "ReadWritePaths", CLI_UNIT_WRITABLE },     { "ReadWriteDirectories", CLI_UNIT_WRITABLE },
	{ "ReadOnlyPaths", CLI_UNIT_READ_ONLY },     { "ReadOnlyDirectories", CLI_UNIT_READ_ONLY },
	{ "InaccessiblePaths", CLI_UNIT_HIDDEN },    { "InaccessibleDirectories", CLI_UNIT_HIDDEN },
	{ "TemporaryFileSystem", CLI_UNIT_HIDDEN },  { "BindPaths", CLI_UNIT_WRITABLE },
	{ "BindReadOnlyPaths", CLI_UNIT_READ_ONLY },
};

/* "-/path", "+/path", and "source:destination:options" of the binding ones. */
static const char *path_in(const char *key, const char *word)
{
	const char *colon = strchr(word, ':');

	word += strspn(word, "-+");
	if (!strncmp(key, "Bind", 4) && colon && colon[1] && colon[1] != ':')
		word = colon + 1;
	return cli_memory_format("%.*s", (int)strcspn(word, ":"), word);
}

static void meet_lists(const struct cli_unit *unit, struct best *best)
{
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		const struct cli_unit_setting *setting;
		size_t at = 0;

		while ((setting = cli_unit_next(unit, lists[i].key, &at))) {
			const char *text = setting->value, *word;

			while ((word = cli_unit_word(unit, &text)))
				meet(best, path_in(lists[i].key, word), lists[i].sight,
				     cli_unit_place(setting));
		}
	}
}

/* Directories that systemd makes for the service, below these. */
static void meet_own(const struct cli_unit *unit, struct best *best)
{
	static const struct {
		const char *key, *below;
	} rows[] = { { "StateDirectory", "/var/lib" },
		     { "CacheDirectory", "/var/cache" },
		     { "LogsDirectory", "/var/log" },
		     { "RuntimeDirectory", "/run" } };

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct cli_unit_setting *setting;
		size_t at = 0;

		while ((setting = cli_unit_next(unit, rows[i].key, &at))) {
			const char *text = setting->value, *word;

			while ((word = cli_unit_word(unit, &text)))
				meet(best,
				     cli_memory_format("%s/%.*s", rows[i].below,
						       (int)strcspn(word, ":"), word),
				     CLI_UNIT_WRITABLE, cli_unit_place(setting));
		}
	}
}

static bool is(const char *text, const char *word)
{
	return text && !strcmp(text, word);
}

static const char *place_of(const struct cli_unit *unit, const char *key)
{
	const struct cli_unit_setting *setting = cli_unit_last(unit, key);

	return setting ? cli_unit_place(setting) : NULL;
}

static void meet_system(const struct cli_unit *unit, bool dynamic, struct best *best)
{
	const char *text = cli_unit_text(unit, "ProtectSystem");
	bool strict = is(text, "strict") || dynamic, full = is(text, "full") || strict;
	const char *by = place_of(unit, dynamic ? "DynamicUser" : "ProtectSystem");

	if (strict) {
		meet(best, "/", CLI_UNIT_READ_ONLY, by);
		meet(best, "/dev", CLI_UNIT_WRITABLE, by);
		meet(best, "/proc", CLI_UNIT_WRITABLE, by);
	}
	if (full)
		meet(best, "/etc", CLI_UNIT_READ_ONLY, by);
	if (full || cli_unit_is_on(unit, "ProtectSystem")) {
		meet(best, "/usr", CLI_UNIT_READ_ONLY, by);
		meet(best, "/boot", CLI_UNIT_READ_ONLY, by);
	}
}

static void meet_home(const struct cli_unit *unit, bool dynamic, struct best *best)
{
	static const char *const homes[] = { "/home", "/root", "/run/user" };
	const char *text = cli_unit_text(unit, "ProtectHome");
	bool hidden = cli_unit_is_on(unit, "ProtectHome") || is(text, "tmpfs");
	const char *by = place_of(unit, text ? "ProtectHome" : "DynamicUser");

	if (!hidden && !is(text, "read-only") && !dynamic)
		return;
	for (size_t i = 0; i < sizeof(homes) / sizeof(homes[0]); i++)
		meet(best, homes[i], hidden ? CLI_UNIT_HIDDEN : CLI_UNIT_READ_ONLY, by);
}

static void meet_tmp(const struct cli_unit *unit, bool dynamic, struct best *best)
{
	const char *by = place_of(unit, dynamic ? "DynamicUser" : "PrivateTmp");

	if (!dynamic && !cli_unit_is_on(unit, "PrivateTmp") &&
	    !is(cli_unit_text(unit, "PrivateTmp"), "disconnected"))
		return;
	meet(best, "/tmp", CLI_UNIT_PRIVATE, by);
	meet(best, "/var/tmp", CLI_UNIT_PRIVATE, by);
}

enum cli_unit_sight cli_unit_see(const struct cli_unit *unit, const char *path, const char **ret_by)
{
	struct best best = { .path = path };
	bool dynamic = cli_unit_is_on(unit, "DynamicUser");
	const char *from;

	meet_system(unit, dynamic, &best);
	meet_home(unit, dynamic, &best);
	meet_tmp(unit, dynamic, &best);
	meet_own(unit, &best);
	meet_lists(unit, &best);
	if (best.by)
		*ret_by = best.by;
	from = best.sight == CLI_UNIT_HIDDEN ? NULL : cli_unit_bound_from(unit, path);
	if (from && strcmp(from, path) != 0)
		return CLI_UNIT_PRIVATE;
	return best.sight;
}

/* Where a word of Bind*Paths= takes PATH from; NULL where PATH is not below its destination, or it
 * is left out since its source is not there. */
static const char *source_in(const struct cli_unit *unit, const char *key, const char *word,
			     const char *path)
{
	const char *destination = path_in(key, word), *bare = word + strspn(word, "-+");
	const char *source = cli_memory_format("%.*s", (int)strcspn(bare, ":"), bare);
	size_t len = strlen(destination);

	if (!cli_unit_is_below(path, destination) ||
	    (*word == '-' && !cli_below_has(unit->root, source)))
		return NULL;
	while (len && destination[len - 1] == '/')
		len--;
	return cli_memory_format("%s%s", strcmp(source, "/") ? source : "", path + len);
}

/* Of all that lie over it the longest counts, and of equal ones the last. */
static const char *longest_source(const struct cli_unit *unit, const char *key, const char *path,
				  size_t *longest)
{
	const struct cli_unit_setting *setting;
	const char *found = NULL;
	size_t at = 0;

	while ((setting = cli_unit_next(unit, key, &at))) {
		const char *text = setting->value, *word;

		while ((word = cli_unit_word(unit, &text))) {
			const char *source = source_in(unit, key, word, path);

			if (!source || strlen(path_in(key, word)) < *longest)
				continue;
			*longest = strlen(path_in(key, word));
			found = source;
		}
	}
	return found;
}

const char *cli_unit_bound_from(const struct cli_unit *unit, const char *path)
{
	size_t longest = 0;
	const char *one = longest_source(unit, "BindPaths", path, &longest);
	const char *other = longest_source(unit, "BindReadOnlyPaths", path, &longest);

	return other ? other : one;
}
