/* SPDX-License-Identifier: MIT
 * A report as one JSON document: the same tables, with numbers for numbers. */
#include "cli/report.h"
#include "cli/json.h"
#include "cli/report_text.h"

#include <ctype.h>
#include <string.h>

static void put_trace(struct cli_json *json, const struct cli_report *report)
{
	const struct cli_report_model *model = &report->model;

	cli_json_open(json, "trace", '{');
	cli_json_text(json, "directory", report->directory);
	cli_json_number(json, "begin", (long long)model->begin);
	cli_json_number(json, "end", (long long)model->end);
	cli_json_number(json, "processes", (long long)model->processes);
	cli_json_number(json, "events", (long long)model->events);
	cli_json_number(json, "discarded", (long long)report->discarded);
	cli_json_close(json, '}');
}

static void put_hazards(struct cli_json *json, const char *key, uint32_t hazards)
{
	cli_json_open(json, key, '[');
	for (unsigned i = 0; i < TRACE_HAZARD_COUNT; i++) {
		if (hazards & 1u << i)
			cli_json_text(json, NULL, trace_hazard_names[i]);
	}
	cli_json_close(json, ']');
}

/* KEY as it stands in headings, in small letters. */
static void put_cell(struct cli_json *json, const char *key, const struct cli_report_column *column,
		     const struct cli_report_row *row, enum cli_report_by by)
{
	uint64_t number = column->number ? column->number(row) : 0;

	switch (column->kind) {
	case CLI_REPORT_COUNT:
	case CLI_REPORT_DURATION:
		cli_json_number(json, key, (long long)number);
		return;
	case CLI_REPORT_SHARE:
		cli_json_share(json, key, number);
		return;
	case CLI_REPORT_HAZARDS:
		put_hazards(json, key, (uint32_t)number);
		return;
	case CLI_REPORT_TEXT:
	case CLI_REPORT_DEVICE:
		cli_json_text(json, key, cli_report_cell(column, row, by));
		return;
	}
}

static void put_row(struct cli_json *json, const struct cli_report *report,
		    const struct cli_report_row *row)
{
	enum cli_report_by by = report->model.by;

	cli_json_open(json, NULL, '{');
	for (size_t i = 0; i < report->columns.count; i++) {
		const struct cli_report_column *column = &cli_report_columns[report->columns.at[i]];
		const char *heading = cli_report_heading(column, by);
		char key[32] = "";

		for (size_t at = 0; heading[at] && at + 1 < sizeof(key); at++)
			key[at] = (char)tolower((unsigned char)heading[at]);
		put_cell(json, key, column, row, by);
	}
	cli_json_close(json, '}');
}

static void put_rows(struct cli_json *json, const struct cli_report *report)
{
	static const char *const keys[CLI_BY_COUNT] = {
		[CLI_BY_FILE] = "files",
		[CLI_BY_PROGRAM] = "programs",
		[CLI_BY_SITE] = "sites",
	};

	cli_json_open(json, keys[report->model.by], '[');
	for (struct cli_report_row **row = report->rows; *row; row++)
		put_row(json, report, *row);
	cli_json_close(json, ']');
}

static void put_party(struct cli_json *json, const char *key, const struct cli_report_party *party,
		      uint32_t tid)
{
	cli_json_open(json, key, '{');
	cli_json_text(json, "program", party->program);
	if (party->pid)
		cli_json_number(json, "pid", party->pid);
	if (tid)
		cli_json_number(json, "tid", tid);
	cli_json_close(json, '}');
}

static void put_pairs(struct cli_json *json, const struct cli_report *report)
{
	cli_json_open(json, "waits", '[');
	for (struct cli_report_pair **at = report->pairs; *at; at++) {
		const struct cli_report_pair *pair = *at;

		cli_json_open(json, NULL, '{');
		put_party(json, "waiter", &pair->waiter, 0);
		put_party(json, "holder", &pair->holder, 0);
		cli_json_text(json, "file", pair->file);
		cli_json_number(json, "times", (long long)pair->times);
		cli_json_number(json, "total", (long long)pair->total);
		cli_json_number(json, "max", (long long)pair->longest);
		cli_json_close(json, '}');
	}
	cli_json_close(json, ']');
}

static void put_holders(struct cli_json *json, const struct cli_report_pending *pending)
{
	cli_json_open(json, "holders", '[');
	for (size_t i = 0; i < pending->holders_count && i < CLI_REPORT_HOLDERS; i++)
		put_party(json, NULL, &pending->holders[i], 0);
	cli_json_close(json, ']');
}

static void put_pending(struct cli_json *json, const struct cli_report *report)
{
	const struct cli_report_model *model = &report->model;

	cli_json_open(json, "waiting", '[');
	for (size_t i = 0; i < model->pending_count; i++) {
		const struct cli_report_pending *pending = &model->pending[i];
		const struct cli_lock *lock = &pending->wait.lock;

		cli_json_open(json, NULL, '{');
		put_party(json, "waiter", &pending->waiter, lock->tid);
		put_holders(json, pending);
		cli_json_text(json, "file", pending->file);
		cli_json_text(json, "wants", trace_operation_names[lock->operation]);
		cli_json_number(json, "since", (long long)lock->begin);
		cli_json_number(json, "waited", (long long)pending->waited);
		cli_json_bool(json, "gone", pending->dead);
		cli_json_close(json, '}');
	}
	cli_json_close(json, ']');
}

static void put_cycles(struct cli_json *json, const struct cli_report *report)
{
	cli_json_open(json, "deadlocks", '[');
	for (struct cli_report_cycle **at = report->cycles; *at; at++) {
		const struct cli_report_cycle *cycle = *at;

		cli_json_open(json, NULL, '{');
		cli_json_number(json, "first", (long long)cycle->first);
		cli_json_number(json, "times", (long long)cycle->times);
		cli_json_bool(json, "refused", cycle->refused);
		cli_json_open(json, "cycle", '[');
		for (size_t i = 0; i < cycle->count; i++) {
			cli_json_open(json, NULL, '{');
			put_party(json, "waiter", &cycle->steps[i].party, cycle->steps[i].tid);
			cli_json_text(json, "file", cycle->steps[i].file);
			cli_json_close(json, '}');
		}
		cli_json_close(json, ']');
		cli_json_close(json, '}');
	}
	cli_json_close(json, ']');
}

static void put_hazards_met(struct cli_json *json, const struct cli_report *report)
{
	cli_json_open(json, "hazards", '[');
	for (struct cli_report_hazard **at = report->hazards; *at; at++) {
		const struct cli_report_hazard *hazard = *at;

		cli_json_open(json, NULL, '{');
		cli_json_text(json, "hazard", trace_hazard_names[hazard->hazard]);
		cli_json_number(json, "times", (long long)hazard->times);
		cli_json_number(json, "first", (long long)hazard->first);
		cli_json_text(json, "program", hazard->program);
		cli_json_text(json, "file", hazard->file);
		cli_json_text(json, "cure", cli_report_cure(hazard->hazard));
		cli_json_close(json, '}');
	}
	cli_json_close(json, ']');
}

void cli_report_print_json(const struct cli_report *report)
{
	struct cli_json json = { 0 };

	cli_json_open(&json, NULL, '{');
	put_trace(&json, report);
	put_rows(&json, report);
	put_pairs(&json, report);
	put_pending(&json, report);
	put_cycles(&json, report);
	put_hazards_met(&json, report);
	cli_json_close(&json, '}');
}
