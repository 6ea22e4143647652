/* SPDX-License-Identifier: MIT
 * A report for a person: a line about the trace, and a table for each question. */
#include "cli/report.h"
#include "cli/memory.h"
#include "cli/report_table.h"
#include "cli/report_text.h"

#include <inttypes.h>
#include <stdio.h>

/* Of the tables behind the first; --json has all. */
enum { MOST_LINES = 30 };

struct heading {
	const char *name;
	bool right;
};

static struct libscols_table *table_of(const struct heading *headings, size_t count)
{
	struct libscols_table *table = cli_report_table_new(true);

	for (size_t i = 0; i < count; i++)
		cli_report_table_column(table, headings[i].name, headings[i].right, i + 1 == count);
	return table;
}

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const char *number(uint64_t value)
{
	return cli_memory_format("%" PRIu64, value);
}

static const char *counted(uint64_t count, const char *one, const char *many)
{
	return cli_memory_format("%" PRIu64 " %s", count, count == 1 ? one : many);
}

static void print_summary(const struct cli_report *report)
{
	const struct cli_report_model *model = &report->model;

	printf("%s: %s of %s", report->directory, counted(model->events, "event", "events"),
	       counted(model->processes, "process", "processes"));
	if (model->events)
		printf(", %s from %s on", cli_report_duration(model->end - model->begin),
		       cli_report_time(model->begin));
	if (report->discarded)
		printf(", %s discarded", number(report->discarded));
	printf("\n");
}

static void print_rows(const struct cli_report *report, bool headings)
{
	const struct cli_report_choice *columns = &report->columns;
	enum cli_report_by by = report->model.by;
	struct libscols_table *table = cli_report_table_new(headings);

	for (size_t i = 0; i < columns->count; i++) {
		const struct cli_report_column *column = &cli_report_columns[columns->at[i]];
		bool right = column->kind != CLI_REPORT_TEXT && column->kind != CLI_REPORT_HAZARDS;

		cli_report_table_column(table, cli_report_heading(column, by), right,
					i + 1 == columns->count);
	}
	for (struct cli_report_row **row = report->rows; *row; row++) {
		const char *cells[CLI_REPORT_COLUMNS_MOST];

		for (size_t i = 0; i < columns->count; i++)
			cells[i] = cli_report_cell(&cli_report_columns[columns->at[i]], *row, by);
		cli_report_table_add(table, cells, columns->count);
	}
	cli_report_table_print(table);
}

static void print_more(size_t lines, const char *of)
{
	if (lines > MOST_LINES)
		printf("and %zu more %s, which --json has\n", lines - MOST_LINES, of);
}

static void print_pairs(const struct cli_report *report)
{
	static const struct heading headings[] = { { "WAITER", false }, { "HOLDER", false },
						   { "TIMES", true },   { "TOTAL", true },
						   { "MAX", true },     { "FILE", false } };
	struct libscols_table *table;
	size_t lines = 0;

	if (!*report->pairs)
		return;
	printf("\nWho waited for whom:\n");
	table = table_of(headings, COUNT(headings));
	for (struct cli_report_pair **at = report->pairs; *at; at++) {
		const struct cli_report_pair *pair = *at;
		const char *cells[] = { cli_report_party_text(&pair->waiter, 0),
					cli_report_party_text(&pair->holder, 0),
					number(pair->times),
					cli_report_duration(pair->total),
					cli_report_duration(pair->longest),
					pair->file };

		if (lines++ < MOST_LINES)
			cli_report_table_add(table, cells, COUNT(cells));
	}
	cli_report_table_print(table);
	print_more(lines, "pairs");
}

static void print_pending(const struct cli_report *report)
{
	static const struct heading headings[] = { { "WAITER", false }, { "SINCE", true },
						   { "WANTS", false },  { "STATE", false },
						   { "HOLDER", false }, { "FILE", false } };
	const struct cli_report_model *model = &report->model;
	struct libscols_table *table;

	if (!model->pending_count)
		return;
	printf("\nStill waiting at the end of the trace:\n");
	table = table_of(headings, COUNT(headings));
	for (size_t i = 0; i < model->pending_count && i < MOST_LINES; i++) {
		const struct cli_report_pending *pending = &model->pending[i];
		const struct cli_lock *lock = &pending->wait.lock;
		const char *cells[] = { cli_report_party_text(&pending->waiter, lock->tid),
					cli_report_duration(pending->waited),
					trace_operation_names[lock->operation],
					pending->dead ? "gone" : "waits",
					cli_report_holders(model, pending),
					pending->file };

		cli_report_table_add(table, cells, COUNT(cells));
	}
	cli_report_table_print(table);
	print_more(model->pending_count, "waiters");
}

static void print_cycles(const struct cli_report *report)
{
	static const struct heading headings[] = { { "TIMES", true },
						   { "FIRST", false },
						   { "CYCLE", false } };
	struct libscols_table *table;
	size_t lines = 0;

	if (!*report->cycles)
		return;
	printf("\nDeadlocks:\n");
	table = table_of(headings, COUNT(headings));
	for (struct cli_report_cycle **at = report->cycles; *at; at++) {
		const char *cells[] = { number((*at)->times), cli_report_time((*at)->first),
					cli_report_cycle_text(*at) };

		if (lines++ < MOST_LINES)
			cli_report_table_add(table, cells, COUNT(cells));
	}
	cli_report_table_print(table);
	print_more(lines, report->model.cycles_cut ? "cycles at least" : "cycles");
}

static void print_hazards(const struct cli_report *report)
{
	static const struct heading headings[] = { { "HAZARD", false },
						   { "TIMES", true },
						   { "PROGRAM", false },
						   { "CURE", false },
						   { "FILE", false } };
	struct libscols_table *table;
	size_t lines = 0;

	if (!*report->hazards)
		return;
	printf("\nHazards (lockshim.conf(5)):\n");
	table = table_of(headings, COUNT(headings));
	for (struct cli_report_hazard **at = report->hazards; *at; at++) {
		const struct cli_report_hazard *hazard = *at;
		const char *cells[] = { trace_hazard_names[hazard->hazard], number(hazard->times),
					hazard->program, cli_report_cure(hazard->hazard),
					hazard->file };

		if (lines++ < MOST_LINES)
			cli_report_table_add(table, cells, COUNT(cells));
	}
	cli_report_table_print(table);
	print_more(lines, "hazards");
}

void cli_report_print(const struct cli_report *report, bool headings)
{
	if (!headings) {
		print_rows(report, false);
		return;
	}
	print_summary(report);
	if (!*report->rows)
		return;
	printf("\n");
	print_rows(report, true);
	print_pairs(report);
	print_pending(report);
	print_cycles(report);
	print_hazards(report);
}
