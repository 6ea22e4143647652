/* SPDX-License-Identifier: MIT
 * Whether the variables that the drop-in sets can be written, and are still so when the service
 * starts: systemd.exec(5), "Environment". */
#include "cli/below.h"
#include "cli/escape.h"
#include "cli/memory.h"
#include "cli/preload.h"
#include "cli/unit_files.h"
#include "cli/unit_plan.h"

#include <errno.h>
#include <string.h>

/* The variables that ours sets. */
static const char *const variables[] = { "LD_PRELOAD",      "LOCKSHIM_SERVICE", "LOCKSHIM_POLICY",
					 "LOCKSHIM_SET",    "LOCKSHIM_TRACE",   "LOCKSHIM_LOG",
					 "LOCKSHIM_DISABLE" };

#define VARIABLES (sizeof(variables) / sizeof(variables[0]))

const char *cli_unit_variable_in(const char *word)
{
	size_t len = strcspn(word, "=");

	for (size_t i = 0; i < VARIABLES; i++) {
		if (strlen(variables[i]) == len && !strncmp(variables[i], word, len))
			return variables[i];
	}
	return NULL;
}

static unsigned refuse_variables(const struct cli_unit *unit,
				 const struct cli_unit_setting *setting, const char *why)
{
	const char *text = setting->value, *word;
	unsigned refused = 0;

	while ((word = cli_unit_word(unit, &text))) {
		if (!cli_unit_variable_in(word))
			continue;
		cli_unit_refuse(cli_unit_place(setting), "%s; take %s out of it", why,
				cli_unit_variable_in(word));
		refused++;
	}
	return refused;
}

static unsigned check_unset(const struct cli_unit_plan *plan)
{
	const struct cli_unit_setting *setting;
	unsigned refused = 0;
	size_t at = 0;

	while ((setting = cli_unit_next(plan->unit, "UnsetEnvironment", &at)))
		refused +=
			refuse_variables(plan->unit, setting, "takes away what the library needs");
	return refused;
}

/* Drop-ins behind ours. */
static unsigned check_later(const struct cli_unit_plan *plan)
{
	const struct cli_unit *unit = plan->unit;
	unsigned refused = 0;

	for (size_t i = unit->ours; i < unit->count; i++) {
		const struct cli_unit_setting *setting = &unit->settings[i];

		if (strcmp(setting->key, "Environment") != 0)
			continue;
		if (!*setting->value) {
			cli_unit_refuse(cli_unit_place(setting),
					"empties the environment behind " CLI_UNIT_DROP_IN
					"; give the file a name before it");
			refused++;
		}
		refused += refuse_variables(unit, setting, "goes over " CLI_UNIT_DROP_IN);
	}
	return refused;
}

struct environment_file {
	const struct cli_unit *unit;
	unsigned refused;
};

static unsigned check_line(const char *path, unsigned number, const char *line, size_t len)
{
	const char *equals = memchr(line, '=', len), *variable;
	size_t end;

	if (!equals)
		return 0;
	for (end = (size_t)(equals - line); end && strchr(" \t", line[end - 1]);)
		end--;
	variable = cli_unit_variable_in(cli_memory_format("%.*s", (int)end, line));
	if (!variable)
		return 0;
	cli_unit_refuse(cli_memory_format("%s:%u", path, number),
			"sets %s, and an EnvironmentFile= goes over " CLI_UNIT_DROP_IN
			"; take it out",
			variable);
	return 1;
}

/* What these files set goes over every Environment=. */
static void check_file(void *context, const char *path)
{
	struct environment_file *file = context;
	const char *real, *text = cli_unit_read_below(file->unit->root, path, &real);
	unsigned number = 0;

	if (!text && errno != ENOENT)
		cli_unit_warn(path, "an EnvironmentFile=, not looked at: %s", strerror(errno));
	while (text && *text) {
		size_t blank = strspn(text, " \t"), len = strcspn(text + blank, "\n\r");

		file->refused += check_line(path, ++number, text + blank, len);
		text += blank + len;
		text += *text != '\0';
	}
}

/* One path, with wildcards, and never in quotes. */
static unsigned check_file_setting(const struct cli_unit *unit,
				   const struct cli_unit_setting *setting)
{
	struct environment_file file = { unit, 0 };
	const char *unknown, *path = cli_unit_expand(unit, setting->value, &unknown);

	path += *path == '-';
	if (unknown || strchr(path, '{')) {
		cli_unit_refuse(
			cli_unit_place(setting),
			"cannot tell which file this is, and it would go over " CLI_UNIT_DROP_IN
			"; write %s out",
			unknown ? unknown : "the braces");
		return 1;
	}
	cli_below_each(unit->root, path, check_file, &file);
	return file.refused;
}

static unsigned check_files(const struct cli_unit_plan *plan)
{
	const struct cli_unit_setting *setting;
	unsigned refused = 0;
	size_t at = 0;

	while ((setting = cli_unit_next(plan->unit, "EnvironmentFile", &at))) {
		if (*setting->value)
			refused += check_file_setting(plan->unit, setting);
	}
	return refused;
}

/* What the unit has there is written again, behind the library. */
static unsigned check_preload(const struct cli_unit_plan *plan)
{
	const struct cli_unit_setting *from = NULL;
	const char *text, *word, *unknown, *last = NULL;

	if (!cli_unit_variable(plan->unit, "LD_PRELOAD", &from))
		return 0;
	for (text = from->value; (word = cli_unit_word_of(plan->unit, &text, &unknown));) {
		if (cli_unit_variable_in(word) && !strncmp(word, "LD_PRELOAD=", 11))
			last = unknown;
	}
	if (!last)
		return 0;
	cli_unit_refuse(cli_unit_place(from),
			"cannot tell what %s in LD_PRELOAD comes to; write it out", last);
	return 1;
}

static unsigned check_text(const char *what, const char *text)
{
	const char *at = text;
	size_t len;

	while (at && *at && (len = cli_escape_character(at)))
		at += len;
	if (!at || !*at)
		return 0;
	cli_unit_refuse(what,
			"\"%s\" has a control character, or is no UTF-8: systemd takes no such "
			"value; use another name",
			cli_escape(text));
	return 1;
}

static unsigned check_texts(const struct cli_unit_plan *plan)
{
	const char *existing = cli_unit_variable(plan->unit, "LD_PRELOAD", NULL);
	const struct {
		const char *what, *text;
	} rows[] = {
		{ "LD_PRELOAD", cli_preload_extend(existing, plan->preload) },
		{ "--service", plan->service },
		{ "--policy", plan->policy },
		{ "--set", plan->set },
		{ "--trace", plan->trace },
	};
	unsigned refused = 0;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		refused += check_text(rows[i].what, rows[i].text);
	return refused;
}

unsigned cli_unit_check_environment(struct cli_unit_plan *plan)
{
	static unsigned (*const checks[])(const struct cli_unit_plan *plan) = {
		check_texts, check_preload, check_unset, check_later, check_files,
	};
	unsigned refused = 0;

	for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++)
		refused += checks[i](plan);
	return refused;
}
