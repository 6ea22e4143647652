/* SPDX-License-Identifier: MIT
 * Loads a unit, and answers what its settings come to. */
#include "cli/unit.h"
#include "cli/below.h"
#include "cli/cli.h"
#include "cli/memory.h"
#include "cli/unit_files.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

static int refuse(const char *name, const char *why)
{
	warnx("%s: %s", name, why);
	return CLI_WRONG;
}

static const char *full_name(const char *name)
{
	size_t len = strlen(name);

	if (len > 8 && !strcmp(name + len - 8, ".service"))
		return name;
	return cli_memory_format("%s.service", name);
}

static bool is_name(const char *name)
{
	static const char good[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				   "0123456789:-_.\\@";

	return *name && *name != '.' && !name[strspn(name, good)] && strlen(name) < 256;
}

static bool is_ours(const char *path, const char *name)
{
	return !strcmp(path,
		       cli_memory_format(CLI_UNIT_OWN_DIRECTORY "/%s.d/" CLI_UNIT_DROP_IN, name));
}

static void read_drop_ins(struct cli_unit *unit, bool whole, struct cli_unit_settings *settings)
{
	unit->ours = SIZE_MAX;
	for (const char **path = cli_unit_drop_ins(unit->root, unit->name); *path; path++) {
		const char *base = strrchr(*path, '/') + 1, *text, *real;

		if (unit->ours == SIZE_MAX && strcmp(base, CLI_UNIT_DROP_IN) > 0)
			unit->ours = settings->count;
		if (!whole && is_ours(*path, unit->name))
			continue;
		text = cli_unit_read_below(unit->root, *path, &real);
		if (text)
			cli_unit_parse(text, *path, settings);
		else
			warn("warning: %s: left out", *path);
	}
	if (unit->ours == SIZE_MAX)
		unit->ours = settings->count;
}

/* An alias is a link to the file of the real name, where ours has to lie. */
static const char *real_name(const char *name, const char *path)
{
	const char *base = strrchr(path, '/') + 1;
	const char *template = cli_unit_template(name);

	if (!strcmp(base, name) || (template && !strcmp(base, template)))
		return name;
	if (!strchr(base, '@'))
		return base;
	/* An alias of a template: the instance of the one is that of the other. */
	if (!template || !strstr(base, "@."))
		return name;
	return cli_memory_format("%.*s%s", (int)(strchr(base, '@') + 1 - base), base,
				 strchr(name, '@') + 1);
}

int cli_unit_name(const char *root, const char *name, struct cli_unit *ret)
{
	const char *text;

	*ret = (struct cli_unit){ .root = root, .name = full_name(name) };
	if (!is_name(name))
		return refuse(name, "is no name of a service");
	if (!cli_unit_template(ret->name) && strchr(ret->name, '@'))
		return refuse(ret->name, "is a template; name an instance, as in name@one.service");
	ret->file = cli_unit_find(root, ret->name);
	if (!ret->file)
		return CLI_OK;
	text = cli_unit_read_below(root, ret->file, &ret->file);
	if (text && *text)
		ret->name = real_name(ret->name, ret->file);
	return CLI_OK;
}

/* systemd's generator makes a unit of it when the machine starts; drop-ins count for that too. */
static const char *script_of(const struct cli_unit *unit)
{
	const char *path = cli_memory_format(
		"/etc/init.d/%.*s", (int)(strrchr(unit->name, '.') - unit->name), unit->name);
	int fd = cli_below_open(unit->root, path, O_PATH);
	struct stat is = { .st_mode = 0 };

	if (fd >= 0) {
		fstat(fd, &is);
		close(fd);
	}
	return is.st_mode & 0111 ? path : NULL;
}

static const char *read_unit(struct cli_unit *unit)
{
	const char *script = unit->file ? NULL : script_of(unit);

	if (unit->file)
		return cli_unit_read_below(unit->root, unit->file, &unit->file);
	if (!script)
		return NULL;
	unit->file = script;
	return cli_memory_format("[Service]\nExecStart=%s start\n", script);
}

int cli_unit_load(const char *root, const char *name, bool whole, struct cli_unit *ret)
{
	struct cli_unit_settings settings = { .count = 0 };
	const char *text;
	int status = cli_unit_name(root, name, ret);

	if (status != CLI_OK)
		return status;
	text = read_unit(ret);
	if (!text && !ret->file)
		return refuse(ret->name, "no such unit file in systemd's directories, and no "
					 "script in /etc/init.d");
	if (!text)
		return refuse(ret->file, strerror(errno));
	if (!*text)
		return refuse(ret->name, "is masked; systemctl unmask it first");
	cli_unit_parse(text, ret->file, &settings);
	read_drop_ins(ret, whole, &settings);
	ret->settings = settings.at;
	ret->count = settings.count;
	return CLI_OK;
}

static bool is_service_key(const struct cli_unit_setting *setting, const char *key)
{
	return !strcmp(setting->section, "Service") && !strcmp(setting->key, key);
}

const struct cli_unit_setting *cli_unit_last(const struct cli_unit *unit, const char *key)
{
	for (size_t i = unit->count; i-- > 0;) {
		if (is_service_key(&unit->settings[i], key))
			return *unit->settings[i].value ? &unit->settings[i] : NULL;
	}
	return NULL;
}

const char *cli_unit_text(const struct cli_unit *unit, const char *key)
{
	const struct cli_unit_setting *last = cli_unit_last(unit, key);
	const char *at = last ? last->value : NULL;

	return at ? cli_unit_word(unit, &at) : NULL;
}

bool cli_unit_is_on(const struct cli_unit *unit, const char *key)
{
	static const char *const words[] = { "1", "yes", "y", "true", "t", "on" };
	const char *text = cli_unit_text(unit, key);

	for (size_t i = 0; text && i < sizeof(words) / sizeof(words[0]); i++) {
		if (!strcasecmp(text, words[i]))
			return true;
	}
	return false;
}

static size_t first_that_counts(const struct cli_unit *unit, const char *key)
{
	for (size_t i = unit->count; i-- > 0;) {
		if (is_service_key(&unit->settings[i], key) && !*unit->settings[i].value)
			return i + 1;
	}
	return 0;
}

const struct cli_unit_setting *cli_unit_next(const struct cli_unit *unit, const char *key,
					     size_t *at)
{
	size_t first = first_that_counts(unit, key);

	for (size_t i = *at > first ? *at : first; i < unit->count; i++) {
		if (!is_service_key(&unit->settings[i], key))
			continue;
		*at = i + 1;
		return &unit->settings[i];
	}
	return NULL;
}

const char *cli_unit_variable(const struct cli_unit *unit, const char *name,
			      const struct cli_unit_setting **ret_from)
{
	const struct cli_unit_setting *setting;
	const char *value = NULL, *word;
	size_t at = 0, len = strlen(name);

	while ((setting = cli_unit_next(unit, "Environment", &at))) {
		for (const char *text = setting->value; (word = cli_unit_word(unit, &text));) {
			if (strncmp(word, name, len) != 0 || word[len] != '=')
				continue;
			value = word + len + 1;
			if (ret_from)
				*ret_from = setting;
		}
	}
	return value;
}

const char *cli_unit_place(const struct cli_unit_setting *setting)
{
	return cli_memory_format("%s:%u: %s=%s", setting->file, setting->line, setting->key,
				 setting->value);
}
