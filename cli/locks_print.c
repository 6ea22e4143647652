/* SPDX-License-Identifier: MIT
 * The table as columns or JSON, and what could not be seen. */
#include "cli/locks.h"
#include "cli/locks_columns.h"
#include "cli/memory.h"

#include <ctype.h>
#include <err.h>
#include <libsmartcols.h>
#include <unistd.h>

static void need(bool done)
{
	if (!done)
		errx(CLI_FAILED, "cannot make a table");
}

static void add_row(struct libscols_table *table, const struct cli_locks *locks,
		    const struct cli_locks_choice *columns, const struct cli_lock_row *row)
{
	struct libscols_line *line = scols_table_new_line(table, NULL);

	need(line);
	for (size_t i = 0; i < columns->count; i++) {
		const char *cell = columns->at[i]->cell(locks, row);

		need(!cell || !scols_line_set_data(line, i, cell));
	}
}

static void print_text(const struct cli_locks *locks, const struct cli_locks_choice *columns)
{
	struct libscols_table *table = scols_new_table();

	need(table && !scols_table_enable_noheadings(table, locks->arguments->noheadings) &&
	     !scols_table_enable_raw(table, locks->arguments->raw));
	for (size_t i = 0; i < columns->count; i++)
		need(scols_table_new_column(table, columns->at[i]->name, 0,
					    columns->at[i]->right ? SCOLS_FL_RIGHT : 0));
	for (size_t i = 0; i < locks->table.count; i++) {
		if (cli_locks_wants(locks, locks->table.rows[i]))
			add_row(table, locks, columns, locks->table.rows[i]);
	}
	need(!scols_print_table(table));
	scols_unref_table(table);
}

static const char *key_of(const char *name)
{
	char *key = cli_memory_format("%s", name);

	for (char *at = key; *at; at++)
		*at = (char)tolower((unsigned char)*at);
	return key;
}

static void print_json(const struct cli_locks *locks, const struct cli_locks_choice *columns)
{
	struct cli_json json = { .depth = 0 };

	cli_json_open(&json, NULL, '{');
	cli_json_open(&json, "locks", '[');
	for (size_t i = 0; i < locks->table.count; i++) {
		if (!cli_locks_wants(locks, locks->table.rows[i]))
			continue;
		cli_json_open(&json, NULL, '{');
		for (size_t j = 0; j < columns->count; j++)
			columns->at[j]->json(&json, key_of(columns->at[j]->name), locks,
					     locks->table.rows[i]);
		cli_json_close(&json, '}');
	}
	cli_json_close(&json, ']');
	cli_json_number(&json, "unseen", (long long)locks->table.unseen);
	cli_json_bool(&json, "torn", locks->table.torn);
	cli_json_bool(&json, "hidden", cli_locks_hidden());
	cli_json_close(&json, '}');
}

static size_t count_nameless(const struct cli_locks *locks)
{
	size_t nameless = 0;

	for (size_t i = 0; i < locks->table.count; i++) {
		const struct cli_lock_row *row = locks->table.rows[i];

		nameless += cli_locks_wants(locks, row) && !row->holders_count &&
			    !(row->notes >> CLI_LOCK_NOTE_REMOTE & 1);
	}
	return nameless;
}

static const char *why_nameless(size_t unseen)
{
	if (!unseen)
		return "";
	return geteuid() ? ": other users' processes may be looked at by root only"
			 : ": some processes may not be looked at here";
}

static void say_unseen(const struct cli_locks *locks)
{
	size_t nameless = count_nameless(locks), unseen = locks->table.unseen;

	if (locks->table.torn)
		warnx("warning: locks came and went while they were looked at; some may be "
		      "missing or without their process");
	else if (nameless)
		warnx("warning: the process of %zu of the locks is not known%s", nameless,
		      why_nameless(unseen));
}

bool cli_locks_print(const struct cli_locks *locks)
{
	struct cli_locks_choice columns;

	if (!cli_locks_choose(locks->arguments->output, locks->arguments->json, &columns))
		return false;
	if (locks->arguments->json)
		print_json(locks, &columns);
	else
		print_text(locks, &columns);
	fflush(stdout);
	if (cli_locks_hidden())
		warnx("warning: in this PID namespace locks of processes outside it are not seen");
	say_unseen(locks);
	return true;
}
