/* SPDX-License-Identifier: MIT
 * Counts what each record says, and has holders.h tell the rest. */
#include "cli/report_model.h"
#include "cli/memory.h"
#include "cli/report_inside.h"

#include <errno.h>
#include <stdlib.h>

static void held(void *context, const struct cli_hold *hold, uint64_t end, enum cli_held_end how)
{
	/* When a process died that nobody waited for is not known. */
	if (hold->lock.wanted && how != CLI_HELD_DEAD)
		cli_histogram_add(&cli_report_row(context, &hold->lock)->hold,
				  end > hold->lock.begin ? end - hold->lock.begin : 0);
}

void cli_report_model_begin(struct cli_report_model *model)
{
	static const struct cli_holders_calls calls = {
		.held = held,
		.waited = cli_report_waited,
		.waited_for = cli_report_waited_for,
		.cycle = cli_report_cycle,
	};

	model->holders = cli_holders_new(&calls, model);
}

static bool is_refusal(const struct trace_event *event)
{
	return event->error == EWOULDBLOCK || event->error == EAGAIN ||
	       (event->error == EACCES && event->asked != TRACE_FAMILY_FLOCK);
}

static void count_request(struct cli_report_row *row, const struct trace_event *event)
{
	bool refused = is_refusal(event);

	row->requests++;
	row->granted += !event->error;
	row->refused += refused;
	row->contended += refused || event->flags & TRACE_WAITED;
	row->errors += event->error && !refused;
	if (event->flags & TRACE_WAITED)
		cli_histogram_add(&row->wait, event->waited);
}

static void count_hazards(struct cli_report_model *model, const struct cli_lock *lock,
			  uint32_t hazards)
{
	const char *program = cli_report_party(lock->process).program;
	const char *file = cli_report_file(model, lock->device, lock->inode, lock->file);

	for (unsigned i = 0; i < TRACE_HAZARD_COUNT; i++) {
		struct cli_report_hazard *hazard;

		if (!(hazards & 1u << i))
			continue;
		hazard = cli_index_get(&model->hazards, (uintptr_t)program << 4 ^ i,
				       (uintptr_t)file, sizeof(*hazard));
		if (!hazard->times++)
			hazard->first = lock->begin;
		hazard->hazard = i;
		hazard->program = program;
		hazard->file = file;
	}
}

static void count(struct cli_report_model *model, const struct trace_record *record)
{
	const struct trace_event *event = &record->event;
	struct cli_report_row *row;
	struct cli_lock lock;

	if (event->id != TRACE_LOCK && !event->error && !event->hazards)
		return;
	cli_holders_lock_fill(&lock, record, true);
	if (event->hazards)
		count_hazards(model, &lock, event->hazards);
	if (model->by == CLI_BY_SITE && event->id == TRACE_HAZARD)
		return;
	row = cli_report_row(model, &lock);
	row->hazards |= event->hazards;
	if (event->id == TRACE_LOCK)
		count_request(row, event);
	else
		row->errors += event->error != 0;
	if (event->error == EDEADLK)
		cli_report_refused_cycle(model, &lock);
}

void cli_report_model_take(struct cli_report_model *model, const struct trace_record *record,
			   bool wanted)
{
	if (!model->events++)
		model->begin = record->event.time;
	model->end = record->event.time;
	cli_report_meet(model, record->process);
	if (wanted)
		count(model, record);
	cli_holders_take(model->holders, record, wanted);
}

void cli_report_model_end(struct cli_report_model *model)
{
	cli_holders_end(model->holders, model->end);
}

bool cli_report_wants(struct cli_filter *filter, const struct trace_record *record)
{
	struct trace_record request;

	if (record->event.id != TRACE_WAIT)
		return cli_filter_fits(filter, record);
	request = *record;
	request.event.id = TRACE_LOCK;
	request.event.flags |= TRACE_WAITED;
	request.event.waited = UINT64_MAX;
	return cli_filter_fits(filter, &request);
}

void *cli_report_model_sorted(const struct cli_index *index,
			      int (*compare)(const void *one, const void *other))
{
	void **list = cli_memory_get((index->count + 1) * sizeof(*list)), *found;
	size_t count = 0;

	for (size_t at = 0; (found = cli_index_next(index, &at));)
		list[count++] = found;
	qsort(list, count, sizeof(*list), compare);
	return list;
}
