/* SPDX-License-Identifier: MIT
 * A column is a row of a table. */
#include "cli/report_columns.h"
#include "cli/memory.h"
#include "cli/report_text.h"
#include "cli/symbols.h"

#include <err.h>
#include <inttypes.h>
#include <string.h>
#include <strings.h>

#define NUMBER(name, expression)                                                                   \
	static uint64_t name(const struct cli_report_row *row)                                     \
	{                                                                                          \
		return expression;                                                                 \
	}

NUMBER(locks, row->granted)
NUMBER(requests, row->requests)
NUMBER(contended, row->requests ? row->contended * 1000000 / row->requests : 0)
NUMBER(refused, row->refused)
NUMBER(waiting, row->waiting)
NUMBER(wait_p50, cli_histogram_percentile(&row->wait, 50))
NUMBER(wait_p99, cli_histogram_percentile(&row->wait, 99))
NUMBER(wait_max, row->wait.longest)
NUMBER(wait_total, row->wait.total)
NUMBER(hold_p50, cli_histogram_percentile(&row->hold, 50))
NUMBER(hold_p99, cli_histogram_percentile(&row->hold, 99))
NUMBER(hold_max, row->hold.longest)
NUMBER(hold_total, row->hold.total)
NUMBER(errors, row->errors)
NUMBER(hazards, row->hazards)
NUMBER(device, row->device)
NUMBER(inode, row->inode)

const struct cli_report_column cli_report_columns[] = {
	{ "LOCKS", CLI_REPORT_COUNT, locks, false },
	{ "REQUESTS", CLI_REPORT_COUNT, requests, false },
	{ "CONTENDED", CLI_REPORT_SHARE, contended, false },
	{ "REFUSED", CLI_REPORT_COUNT, refused, false },
	{ "WAITING", CLI_REPORT_COUNT, waiting, false },
	{ "WAIT-P50", CLI_REPORT_DURATION, wait_p50, false },
	{ "WAIT-P99", CLI_REPORT_DURATION, wait_p99, false },
	{ "WAIT-MAX", CLI_REPORT_DURATION, wait_max, false },
	{ "WAIT-TOTAL", CLI_REPORT_DURATION, wait_total, false },
	{ "HOLD-P50", CLI_REPORT_DURATION, hold_p50, false },
	{ "HOLD-P99", CLI_REPORT_DURATION, hold_p99, false },
	{ "HOLD-MAX", CLI_REPORT_DURATION, hold_max, false },
	{ "HOLD-TOTAL", CLI_REPORT_DURATION, hold_total, false },
	{ "ERRORS", CLI_REPORT_COUNT, errors, false },
	{ "HAZARDS", CLI_REPORT_HAZARDS, hazards, false },
	{ "MAJ:MIN", CLI_REPORT_DEVICE, device, true },
	{ "INODE", CLI_REPORT_COUNT, inode, true },
	{ "NAME", CLI_REPORT_TEXT, NULL, false },
};

#define COLUMNS (sizeof(cli_report_columns) / sizeof(cli_report_columns[0]))

const size_t cli_report_columns_count = COLUMNS;

_Static_assert(COLUMNS <= CLI_REPORT_COLUMNS_MOST, "each can be chosen");

static const char defaults[] =
	"LOCKS,CONTENDED,WAIT-P50,WAIT-P99,WAIT-MAX,HOLD-P99,HOLD-MAX,ERRORS,NAME";

static const char *const names[CLI_BY_COUNT] = {
	[CLI_BY_FILE] = "FILE",
	[CLI_BY_PROGRAM] = "PROGRAM",
	[CLI_BY_SITE] = "SITE",
};

const char *cli_report_heading(const struct cli_report_column *column, enum cli_report_by by)
{
	return column->number ? column->name : names[by];
}

static bool is_named(const struct cli_report_column *column, enum cli_report_by by,
		     const char *name, size_t len)
{
	const char *heading = cli_report_heading(column, by);

	return (strlen(heading) == len && !strncasecmp(heading, name, len)) ||
	       (strlen(column->name) == len && !strncasecmp(column->name, name, len));
}

static bool choose_one(const char *name, size_t len, enum cli_report_by by,
		       struct cli_report_choice *ret)
{
	for (size_t i = 0; i < COLUMNS; i++) {
		if (!is_named(&cli_report_columns[i], by, name, len))
			continue;
		if (ret->count == CLI_REPORT_COLUMNS_MOST) {
			warnx("--output: too many columns");
			return false;
		}
		ret->at[ret->count++] = i;
		return true;
	}
	warnx("--output: unknown column '%.*s'; see lockshim report --help", (int)len, name);
	return false;
}

static bool choose_list(const char *list, enum cli_report_by by, struct cli_report_choice *ret)
{
	while (list) {
		size_t len = strcspn(list, ",");

		if (!choose_one(list, len, by, ret))
			return false;
		list = list[len] ? list + len + 1 : NULL;
	}
	return true;
}

static void choose_all(enum cli_report_by by, struct cli_report_choice *ret)
{
	for (size_t i = 0; i < COLUMNS; i++) {
		if (by == CLI_BY_FILE || !cli_report_columns[i].of_files)
			ret->at[ret->count++] = i;
	}
}

bool cli_report_choose(const char *output, bool all, enum cli_report_by by,
		       struct cli_report_choice *ret)
{
	*ret = (struct cli_report_choice){ .count = 0 };
	if (!output && all) {
		choose_all(by, ret);
		return true;
	}
	if (!output)
		return choose_list(defaults, by, ret);
	if (*output == '+')
		return choose_list(defaults, by, ret) && choose_list(output + 1, by, ret);
	return choose_list(output, by, ret);
}

const char *cli_report_row_name(const struct cli_report_row *row, enum cli_report_by by)
{
	if (by != CLI_BY_SITE)
		return row->name;
	return row->name ? cli_symbols_name(row->name, row->offset) : "(unknown)";
}

static const char *share_text(uint64_t millionths)
{
	uint64_t tenths = (millionths + 500) / 1000; /* of a percent */

	return cli_memory_format("%" PRIu64 ".%" PRIu64 "%%", tenths / 10, tenths % 10);
}

const char *cli_report_cell(const struct cli_report_column *column,
			    const struct cli_report_row *row, enum cli_report_by by)
{
	uint64_t number = column->number ? column->number(row) : 0;

	if (column->of_files && by != CLI_BY_FILE)
		return NULL;
	switch (column->kind) {
	case CLI_REPORT_TEXT:
		return cli_report_row_name(row, by);
	case CLI_REPORT_COUNT:
		return cli_memory_format("%" PRIu64, number);
	case CLI_REPORT_DURATION:
		return number ? cli_report_duration(number) : "-";
	case CLI_REPORT_SHARE:
		return share_text(number);
	case CLI_REPORT_HAZARDS:
		return cli_report_hazards((uint32_t)number);
	case CLI_REPORT_DEVICE:
		return cli_memory_format("%" PRIu64 ":%" PRIu64, number >> 32, number & UINT32_MAX);
	}
	return NULL;
}
