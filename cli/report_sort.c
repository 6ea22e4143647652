/* SPDX-License-Identifier: MIT
 * The order of a report's tables, the same for the same trace. */
#include "cli/report.h"

#include <string.h>

static int more_first(uint64_t one, uint64_t other)
{
	return (one < other) - (one > other);
}

static int by_text(const char *one, const char *other)
{
	return strcmp(one ? one : "", other ? other : "");
}

static int compare_rows(const void *left, const void *right)
{
	const struct cli_report_row *one = *(struct cli_report_row *const *)left;
	const struct cli_report_row *other = *(struct cli_report_row *const *)right;
	int order = more_first(one->wait.total, other->wait.total);

	order = order ? order : more_first(one->waiting, other->waiting);
	order = order ? order : more_first(one->contended, other->contended);
	order = order ? order : more_first(one->hold.total, other->hold.total);
	order = order ? order : more_first(one->requests, other->requests);
	order = order ? order : by_text(one->name, other->name);
	order = order ? order : more_first(other->offset, one->offset);
	return order ? order : more_first(other->device, one->device);
}

static int compare_pairs(const void *left, const void *right)
{
	const struct cli_report_pair *one = *(struct cli_report_pair *const *)left;
	const struct cli_report_pair *other = *(struct cli_report_pair *const *)right;
	int order = more_first(one->total, other->total);

	order = order ? order : by_text(one->file, other->file);
	return order ? order : more_first(other->key.one, one->key.one);
}

static int compare_cycles(const void *left, const void *right)
{
	const struct cli_report_cycle *one = *(struct cli_report_cycle *const *)left;
	const struct cli_report_cycle *other = *(struct cli_report_cycle *const *)right;
	int order = more_first(other->first, one->first);

	order = order ? order : one->refused - other->refused;
	return order ? order : more_first(other->key.one, one->key.one);
}

static int compare_hazards(const void *left, const void *right)
{
	const struct cli_report_hazard *one = *(struct cli_report_hazard *const *)left;
	const struct cli_report_hazard *other = *(struct cli_report_hazard *const *)right;
	int order = more_first(one->times, other->times);

	order = order ? order : (int)one->hazard - (int)other->hazard;
	order = order ? order : by_text(one->program, other->program);
	return order ? order : by_text(one->file, other->file);
}

static void leave_out_short(struct cli_report_pair **pairs, uint64_t min_wait)
{
	struct cli_report_pair **to = pairs;

	for (; *pairs; pairs++) {
		if ((*pairs)->longest >= min_wait)
			*to++ = *pairs;
	}
	*to = NULL;
}

static void merge(struct cli_index *merged, const struct cli_report_pair *pair)
{
	struct cli_report_party waiter = cli_report_party_of_program(pair->waiter);
	struct cli_report_pair *into =
		cli_index_get(merged, (uint64_t)waiter.id << 32 | pair->holder.id,
			      (uintptr_t)pair->file, sizeof(*into));

	into->waiter = waiter;
	into->holder = pair->holder;
	into->file = pair->file;
	into->times += pair->times;
	into->total += pair->total;
	if (pair->longest > into->longest)
		into->longest = pair->longest;
}

static struct cli_report_pair **merge_all(struct cli_report_pair **pairs)
{
	struct cli_index merged = { .count = 0 };

	for (; *pairs; pairs++)
		merge(&merged, *pairs);
	return cli_report_model_sorted(&merged, compare_pairs);
}

void cli_report_sort(struct cli_report *report)
{
	const struct cli_report_model *model = &report->model;

	report->rows = cli_report_model_sorted(&model->rows, compare_rows);
	report->pairs = cli_report_model_sorted(&model->pairs, compare_pairs);
	report->cycles = cli_report_model_sorted(&model->cycles, compare_cycles);
	report->hazards = cli_report_model_sorted(&model->hazards, compare_hazards);
	leave_out_short(report->pairs, report->min_wait);
	report->merged = merge_all(report->pairs);
}
