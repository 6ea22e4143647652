/* SPDX-License-Identifier: MIT
 * A report for a person: a line about the trace, and a table for each question. */
#include "cli/report.h"
#include "cli/memory.h"
#include "cli/report_table.h"
#include "cli/report_text.h"

#include <inttypes.h>
#include <stdio.h>

enum {
	MOST_ROWS = 1000, /* of the first table, where it has headings */
	MOST_LINES = 30,  /* of each other */
	MOST_CELLS = 6,
};

struct heading {
	const char *name;
	bool right;
};

/* A table behind the first. */
struct section {
	const char *title, *what; /* its lines are */
	struct heading headings[MOST_CELLS];
	size_t (*count)(const struct cli_report *report);
	void (*fill)(const struct cli_report *report, size_t line, const char **ret_cells);
};

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

static size_t count_list(const void *list)
{
	void *const *at = list;
	size_t count = 0;

	while (at[count])
		count++;
	return count;
}

static void print_more(size_t lines, size_t most, const char *what)
{
	if (lines > most)
		printf("and %zu more %s, which --json has\n", lines - most, what);
}

static void add_row(struct libscols_table *table, const struct cli_report *report,
		    const struct cli_report_row *row)
{
	const struct cli_report_choice *columns = &report->columns;
	const char *cells[CLI_REPORT_COLUMNS_MOST];

	for (size_t i = 0; i < columns->count; i++)
		cells[i] =
			cli_report_cell(&cli_report_columns[columns->at[i]], row, report->model.by);
	cli_report_table_add(table, cells, columns->count);
}

static void print_rows(const struct cli_report *report, bool headings)
{
	const struct cli_report_choice *columns = &report->columns;
	struct libscols_table *table = cli_report_table_new(headings);
	size_t rows = count_list(report->rows), most = headings ? MOST_ROWS : rows;

	for (size_t i = 0; i < columns->count; i++) {
		const struct cli_report_column *column = &cli_report_columns[columns->at[i]];
		bool right = column->kind != CLI_REPORT_TEXT && column->kind != CLI_REPORT_HAZARDS;

		cli_report_table_column(table, cli_report_heading(column, report->model.by), right,
					i + 1 == columns->count);
	}
	for (size_t i = 0; i < rows && i < most; i++)
		add_row(table, report, report->rows[i]);
	cli_report_table_print(table);
	print_more(rows, most, "lines");
}

static struct cli_report_pair **shown_pairs(const struct cli_report *report)
{
	return count_list(report->pairs) > MOST_LINES ? report->merged : report->pairs;
}

static size_t count_pairs(const struct cli_report *report)
{
	return count_list(shown_pairs(report));
}

static void fill_pair(const struct cli_report *report, size_t line, const char **ret_cells)
{
	const struct cli_report_pair *pair = shown_pairs(report)[line];

	ret_cells[0] = cli_report_party_text(&pair->waiter, 0);
	ret_cells[1] = cli_report_party_text(&pair->holder, 0);
	ret_cells[2] = number(pair->times);
	ret_cells[3] = cli_report_duration(pair->total);
	ret_cells[4] = cli_report_duration(pair->longest);
	ret_cells[5] = pair->file;
}

static size_t count_pending(const struct cli_report *report)
{
	return report->model.pending_count;
}

static void fill_pending(const struct cli_report *report, size_t line, const char **ret_cells)
{
	const struct cli_report_pending *pending = &report->model.pending[line];
	const struct cli_lock *lock = &pending->wait.lock;

	ret_cells[0] = cli_report_party_text(&pending->waiter, lock->tid);
	ret_cells[1] = cli_report_duration(pending->waited);
	ret_cells[2] = trace_operation_names[lock->operation];
	ret_cells[3] = pending->dead ? "gone" : "waits";
	ret_cells[4] = cli_report_holders(pending);
	ret_cells[5] = pending->file;
}

static size_t count_cycles(const struct cli_report *report)
{
	return count_list(report->cycles);
}

static void fill_cycle(const struct cli_report *report, size_t line, const char **ret_cells)
{
	const struct cli_report_cycle *cycle = report->cycles[line];

	ret_cells[0] = number(cycle->times);
	ret_cells[1] = cli_report_time(cycle->first);
	ret_cells[2] = cli_report_cycle_text(cycle);
}

static size_t count_hazards(const struct cli_report *report)
{
	return count_list(report->hazards);
}

static void fill_hazard(const struct cli_report *report, size_t line, const char **ret_cells)
{
	const struct cli_report_hazard *hazard = report->hazards[line];

	ret_cells[0] = trace_hazard_names[hazard->hazard];
	ret_cells[1] = number(hazard->times);
	ret_cells[2] = hazard->program;
	ret_cells[3] = cli_report_cure(hazard->hazard);
	ret_cells[4] = hazard->file;
}

static const struct section sections[] = {
	{ .title = "Who waited for whom:",
	  .what = "pairs",
	  .headings = { { "WAITER", false },
			{ "HOLDER", false },
			{ "TIMES", true },
			{ "TOTAL", true },
			{ "MAX", true },
			{ "FILE", false } },
	  .count = count_pairs,
	  .fill = fill_pair },
	{ .title = "Still waiting at the end of the trace:",
	  .what = "waiters",
	  .headings = { { "WAITER", false },
			{ "WAITED", true },
			{ "WANTS", false },
			{ "STATE", false },
			{ "HOLDER", false },
			{ "FILE", false } },
	  .count = count_pending,
	  .fill = fill_pending },
	{ .title = "Deadlocks:",
	  .what = "cycles",
	  .headings = { { "TIMES", true }, { "FIRST", false }, { "CYCLE", false } },
	  .count = count_cycles,
	  .fill = fill_cycle },
	{ .title = "Hazards (lockshim.conf(5)):",
	  .what = "hazards",
	  .headings = { { "HAZARD", false },
			{ "TIMES", true },
			{ "PROGRAM", false },
			{ "CURE", false },
			{ "FILE", false } },
	  .count = count_hazards,
	  .fill = fill_hazard },
};

static size_t count_headings(const struct section *section)
{
	size_t count = 0;

	while (count < MOST_CELLS && section->headings[count].name)
		count++;
	return count;
}

static void print_section(const struct cli_report *report, const struct section *section)
{
	size_t lines = section->count(report), columns = count_headings(section);
	struct libscols_table *table;

	if (!lines)
		return;
	printf("\n%s\n", section->title);
	table = cli_report_table_new(true);
	for (size_t i = 0; i < columns; i++)
		cli_report_table_column(table, section->headings[i].name,
					section->headings[i].right, i + 1 == columns);
	for (size_t i = 0; i < lines && i < MOST_LINES; i++) {
		const char *cells[MOST_CELLS] = { NULL };

		section->fill(report, i, cells);
		cli_report_table_add(table, cells, columns);
	}
	cli_report_table_print(table);
	print_more(lines, MOST_LINES, section->what);
}

void cli_report_print(const struct cli_report *report, bool headings)
{
	if (!headings) {
		print_rows(report, false);
		return;
	}
	print_summary(report);
	if (*report->rows) {
		printf("\n");
		print_rows(report, true);
	}
	for (size_t i = 0; i < sizeof(sections) / sizeof(sections[0]); i++)
		print_section(report, &sections[i]);
}
