/* SPDX-License-Identifier: MIT
 * lockshim ps: which processes have the library in them, under which policy. */
#include "cli/cli.h"
#include "cli/converted.h"
#include "cli/duration.h"
#include "cli/escape.h"
#include "cli/json.h"
#include "cli/memory.h"
#include "cli/options.h"
#include "cli/report_table.h"

#include <ctype.h>
#include <err.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>

static const char *pid(const struct cli_converted *converted)
{
	return cli_memory_format("%d", converted->proc.pid);
}

static const char *command(const struct cli_converted *converted)
{
	return converted->proc.name;
}

static const char *user(const struct cli_converted *converted)
{
	return cli_memory_format("%u", converted->proc.user);
}

static const char *state(const struct cli_converted *converted)
{
	return cli_converted_word(converted->state);
}

static const char *library_state(const struct cli_converted *converted)
{
	return converted->replaced ? "old" : "current";
}

static const char *full_hash(const struct cli_converted *converted)
{
	return converted->has_hash ? cli_memory_format("%016" PRIx64, converted->hash) : NULL;
}

static const char *library(const struct cli_converted *converted)
{
	return converted->library;
}

static const char *policy_file(const struct cli_converted *converted)
{
	return converted->policy_file;
}

static const char *trouble(const struct cli_converted *converted)
{
	return converted->trouble;
}

static const char *unit(const struct cli_converted *converted)
{
	return converted->proc.unit;
}

static const char *since(const struct cli_converted *converted)
{
	time_t began = (time_t)cli_proc_began(&converted->proc);
	struct tm parts;
	char text[32];

	if (!localtime_r(&began, &parts) ||
	    !strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S%z", &parts))
		return NULL;
	return cli_memory_format("%s", text);
}

static const struct column {
	const char *name;
	const char *(*text)(const struct cli_converted *converted);
	bool number;
} columns[] = {
	{ "PID", pid, true },
	{ "COMMAND", command, false },
	{ "SERVICE", cli_converted_service, false },
	{ "STATE", state, false },
	{ "LIBRARY", library_state, false },
	{ "HASH", cli_converted_hash_text, false },
	{ "POLICY", policy_file, false },
	{ "UID", user, true },
	{ "UNIT", unit, false },
	{ "SINCE", since, false },
	{ "FULL-HASH", full_hash, false },
	{ "OBJECT", library, false },
	{ "WHY", trouble, false },
};

#define COLUMNS (sizeof(columns) / sizeof(columns[0]))
#define MOST 32

struct choice {
	size_t at[MOST], count;
};

static bool choose_list(const char *list, struct choice *ret)
{
	while (list) {
		size_t len = strcspn(list, ","), i = 0;

		while (i < COLUMNS && (strlen(columns[i].name) != len ||
				       strncasecmp(columns[i].name, list, len) != 0))
			i++;
		if (i == COLUMNS || ret->count == MOST) {
			warnx("--output: %s '%.*s'; see lockshim ps --help",
			      i == COLUMNS ? "unknown column" : "too many columns with", (int)len,
			      list);
			return false;
		}
		ret->at[ret->count++] = i;
		list = list[len] ? list + len + 1 : NULL;
	}
	return true;
}

static bool choose(const char *output, bool json, struct choice *ret)
{
	static const char defaults[] = "PID,COMMAND,SERVICE,STATE,LIBRARY,HASH,POLICY";

	*ret = (struct choice){ .count = 0 };
	if (output && *output != '+')
		return choose_list(output, ret);
	for (; json && !output && ret->count < COLUMNS; ret->count++)
		ret->at[ret->count] = ret->count;
	if (ret->count)
		return true;
	return choose_list(defaults, ret) && (!output || choose_list(output + 1, ret));
}

static const char *lower(const char *name)
{
	char *text = cli_memory_format("%s", name);

	for (char *at = text; *at; at++)
		*at = (char)tolower((unsigned char)*at);
	return text;
}

static void print_json(const struct cli_converted *rows, size_t count, const struct choice *choice)
{
	struct cli_json json = { 0 };

	cli_json_open(&json, NULL, '{');
	cli_json_open(&json, "processes", '[');
	for (size_t i = 0; i < count; i++) {
		cli_json_open(&json, NULL, '{');
		for (size_t j = 0; j < choice->count; j++) {
			const struct column *column = &columns[choice->at[j]];
			const char *text = column->text(&rows[i]);

			if (column->number)
				cli_json_number(&json, lower(column->name),
						strtoll(text, NULL, 10));
			else
				cli_json_text(&json, lower(column->name),
					      text && strcmp(text, "-") ? text : NULL);
		}
		cli_json_close(&json, '}');
	}
	cli_json_close(&json, ']');
	cli_json_close(&json, '}');
}

static void print_table(const struct cli_converted *rows, size_t count, const struct choice *choice,
			bool headings)
{
	struct libscols_table *table = cli_report_table_new(headings);

	for (size_t i = 0; i < choice->count; i++)
		cli_report_table_column(table, columns[choice->at[i]].name,
					columns[choice->at[i]].number, i + 1 == choice->count);
	for (size_t i = 0; i < count; i++) {
		const char *cells[MOST];

		for (size_t j = 0; j < choice->count; j++) {
			const char *text = columns[choice->at[j]].text(&rows[i]);

			cells[j] = text ? text : "-";
		}
		cli_report_table_add(table, cells, choice->count);
	}
	cli_report_table_print(table);
}

/* Those with the library. *ret_hidden: how many could not be looked into. */
static struct cli_converted *find(size_t *ret_count, size_t *ret_hidden)
{
	int *all = cli_proc_all();
	struct cli_converted *rows;
	size_t room = 0;

	while (all[room])
		room++;
	rows = cli_memory_get((room + 1) * sizeof(*rows));
	*ret_count = *ret_hidden = 0;
	for (; *all; all++) {
		struct cli_converted *row = &rows[*ret_count];

		if (!cli_converted_look(*all, row))
			continue;
		*ret_hidden += !row->seen;
		*ret_count += row->library != NULL;
	}
	return rows;
}

static int run(const struct cli_arguments *arguments)
{
	struct cli_converted *rows;
	struct choice choice;
	size_t count, hidden;

	if (arguments->operands_count) {
		warnx("ps takes no operand");
		return cli_options_hint(&cli_cmd_ps);
	}
	if (!choose(arguments->output, arguments->json, &choice))
		return CLI_WRONG;
	if (!cli_proc_is_there())
		return CLI_FAILED;
	rows = find(&count, &hidden);
	if (arguments->json)
		print_json(rows, count, &choice);
	else
		print_table(rows, count, &choice, !arguments->noheadings);
	if (hidden)
		warnx("processes that could not be looked into: %zu%s", hidden,
		      geteuid() == 0 ? "" : "; root sees them");
	return CLI_OK;
}

const struct cli_command cli_cmd_ps = {
	.name = "ps",
	.synopsis = "[options]",
	.summary = "List the processes that have the library in them.",
	.takes = CLI_TAKES(JSON) | CLI_TAKES(OUTPUT) | CLI_TAKES(NOHEADINGS),
	.more_help =
		"Columns: PID, COMMAND, SERVICE, STATE, LIBRARY, HASH, POLICY, and UID, UNIT,\n"
		"SINCE, FULL-HASH, OBJECT, WHY. A + before them adds to the default ones.\n",
	.run = run,
};
