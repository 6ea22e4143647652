/* SPDX-License-Identifier: MIT
 * What a page shows, collected while the trace goes by. */
#include "cli/html_collect.h"
#include "cli/memory.h"
#include "cli/progress.h"

#include <string.h>

static struct cli_html_call call_of_lock(const struct cli_lock *lock, int error)
{
	struct cli_html_call call;

	memset(&call, 0, sizeof(call)); /* compared with its padding */
	call.file = lock->file;
	call.rule = lock->rule;
	call.module = lock->module;
	call.device = lock->device;
	call.inode = lock->inode;
	call.offset = lock->offset;
	call.start = lock->start;
	call.length = lock->end == INT64_MAX ? 0 : lock->end - lock->start;
	call.flags = lock->flags;
	call.fd = lock->fd;
	call.error = error;
	call.call = lock->call;
	call.operation = lock->operation;
	call.asked = lock->asked;
	call.used = lock->used;
	return call;
}

static struct cli_html_call call_of_record(const struct trace_record *record)
{
	const struct trace_event *event = &record->event;
	struct cli_html_call call;

	memset(&call, 0, sizeof(call));
	call.file = record->file;
	call.rule = record->rule;
	call.module = record->module;
	call.device = event->device;
	call.inode = event->inode;
	call.offset = event->offset;
	call.start = event->start;
	call.length = event->length;
	call.flags = event->flags;
	call.hazards = event->hazards;
	call.fd = event->fd;
	call.error = event->error;
	call.call = event->call;
	call.operation = event->operation;
	call.asked = event->asked;
	call.used = event->used;
	return call;
}

static uint32_t lane_of(struct cli_html_page *page, const struct trace_process *process,
			uint32_t tid)
{
	struct cli_html_lane lane = { .process = process, .tid = tid };

	return cli_html_set_add(&page->store.lanes, &lane);
}

/* A record can let go of what another thread of the process took. */
static bool is_released_by(const struct trace_record *record, const struct cli_lock *lock)
{
	return record && record->event.id == TRACE_RELEASE && record->process == lock->process;
}

static void held(void *context, const struct cli_hold *hold, uint64_t end, enum cli_held_end how)
{
	struct cli_html_page *page = context;
	const struct cli_lock *lock = &hold->lock;
	struct cli_html_call call = call_of_lock(lock, 0), release;
	bool needed = !lock->wanted && cli_html_set_has(&page->needed, &lock->number);
	struct cli_html_span span = {
		.number = lock->number,
		.begin = lock->begin,
		.end = end,
		.held = end - lock->begin,
		.calls = 1,
		.state = (uint8_t)(CLI_HTML_HELD + how),
		.contended = needed || lock->flags & TRACE_WAITED,
		.bystander = !lock->wanted,
	};

	if (!lock->wanted && !needed)
		return;
	span.lane = lane_of(page, lock->process, lock->tid);
	if (how == CLI_HELD_RELEASED && is_released_by(page->now, lock)) {
		release = call_of_record(page->now);
		cli_html_spans_add(&page->store, &span, &call, &release);
	} else {
		cli_html_spans_add(&page->store, &span, &call, NULL);
	}
}

/* Its own, made by the first holder that is told. */
static struct cli_html_waiting *waiting_of(struct cli_html_page *page, const struct cli_wait *wait)
{
	struct cli_html_waiting *waiting = wait->lock.user;

	if (waiting)
		return waiting;
	waiting = page->free_waiting;
	if (waiting)
		page->free_waiting = waiting->next;
	else
		waiting = cli_memory_get(sizeof(*waiting));
	*waiting = (struct cli_html_waiting){ 0 };
	((struct cli_wait *)wait)->lock.user = waiting; /* the caller's, says holders.h */
	return waiting;
}

/* The place of HOLD, a free one, or that of the one that was in the way the shortest. */
static struct cli_html_holder *place_of(struct cli_html_waiting *waiting, uint64_t hold)
{
	struct cli_html_holder *least = waiting->holders;

	for (size_t i = 0; i < CLI_HTML_HOLDERS; i++) {
		struct cli_html_holder *at = &waiting->holders[i];

		if (at->hold == hold || !at->hold)
			return at;
		if (at->time < least->time)
			least = at;
	}
	return least;
}

static void note_holder(struct cli_html_page *page, const struct cli_wait *wait,
			const struct cli_hold *hold, uint64_t time)
{
	struct cli_html_holder *place = place_of(waiting_of(page, wait), hold->lock.number);

	if (!hold->lock.wanted)
		cli_html_set_add(&page->needed, &hold->lock.number);
	if (place->hold == hold->lock.number)
		place->time += time;
	else if (place->time <= time)
		*place = (struct cli_html_holder){ hold->lock.number, time };
}

static void waited_for(void *context, const struct cli_wait *wait, const struct cli_hold *hold,
		       uint64_t begin, uint64_t end)
{
	if (wait->lock.wanted)
		note_holder(context, wait, hold, end - begin);
}

static void handed(void *context, const struct cli_hold *hold, uint64_t released,
		   const struct cli_wait *wait, uint64_t granted)
{
	struct cli_html_page *page = context;

	(void)released;
	(void)granted;
	if (!wait->lock.wanted)
		return;
	waiting_of(page, wait)->handed = hold->lock.number;
	if (!hold->lock.wanted)
		cli_html_set_add(&page->needed, &hold->lock.number);
}

static void add_edges(struct cli_html_page *page, const struct cli_wait *wait)
{
	struct cli_html_waiting *waiting = wait->lock.user;

	if (!waiting)
		return;
	if (waiting->handed)
		cli_html_spans_edge(&page->store, wait->lock.number, waiting->handed, true);
	for (size_t i = 0; i < CLI_HTML_HOLDERS && waiting->holders[i].hold; i++) {
		if (waiting->holders[i].hold != waiting->handed)
			cli_html_spans_edge(&page->store, wait->lock.number,
					    waiting->holders[i].hold, false);
	}
}

static void forget(struct cli_html_page *page, const struct cli_wait *wait)
{
	struct cli_html_waiting *waiting = wait->lock.user;

	if (!waiting)
		return;
	waiting->next = page->free_waiting;
	page->free_waiting = waiting;
}

static void waited(void *context, const struct cli_wait *wait, uint64_t end, enum cli_wait_end how,
		   int error)
{
	struct cli_html_page *page = context;
	const struct cli_lock *lock = &wait->lock;
	struct cli_html_call call = call_of_lock(lock, error);
	struct cli_html_span span = {
		.number = lock->number,
		.begin = lock->begin,
		.end = end,
		.held = wait->holders,
		.calls = 1,
		.state = (uint8_t)(CLI_HTML_WAITED + how),
		.contended = true,
		.blocker = wait->holders ? 0 : wait->blocker,
	};

	if (lock->wanted && end - lock->begin >= page->filter.min_wait) {
		span.lane = lane_of(page, lock->process, lock->tid);
		cli_html_spans_add(&page->store, &span, &call, NULL);
		add_edges(page, wait);
	}
	forget(page, wait);
}

static void add_point(struct cli_html_page *page, const struct trace_record *record,
		      enum cli_html_state state)
{
	struct cli_html_call call = call_of_record(record);
	struct cli_html_span span = {
		.begin = record->event.time,
		.end = record->event.time,
		.calls = 1,
		.state = (uint8_t)state,
		.lane = lane_of(page, record->process, record->event.tid),
	};

	cli_html_spans_add(&page->store, &span, &call, NULL);
}

static void add_points(struct cli_html_page *page, const struct trace_record *record)
{
	const struct trace_event *event = &record->event;

	if (event->error)
		add_point(page, record, CLI_HTML_ERROR);
	else if (event->id == TRACE_QUERY)
		add_point(page, record, CLI_HTML_QUERY);
	if (event->hazards)
		add_point(page, record, CLI_HTML_HAZARD);
}

/* A record of waiting knows neither how long it will, nor that a lock is what was asked for. */
static void make_filter_of_waits(struct cli_html_page *page)
{
	page->waits = page->filter;
	page->waits.min_wait = 0;
	if (page->waits.ids & 1u << TRACE_LOCK)
		page->waits.ids |= 1u << TRACE_WAIT;
}

void cli_html_collect(struct cli_html_page *page, struct trace_reader *reader)
{
	static const struct cli_holders_calls calls = {
		.held = held,
		.waited = waited,
		.waited_for = waited_for,
		.handed = handed,
	};
	struct cli_holders *holders = cli_holders_new(&calls, page);
	struct trace_record record;

	make_filter_of_waits(page);
	page->needed.size = sizeof(uint64_t);
	page->now = &record;
	while (trace_reader_next(reader, &record) > 0) {
		bool waits = record.event.id == TRACE_WAIT, fits;

		if (!page->data.events++)
			page->data.begin = record.event.time;
		page->data.end = record.event.time;
		fits = cli_filter_fits(waits ? &page->waits : &page->filter, &record);
		cli_holders_take(holders, &record, fits);
		if (fits)
			add_points(page, &record);
		cli_progress_step(reader);
	}
	cli_progress_end();
	page->now = NULL;
	cli_holders_end(holders, page->data.end);
	page->data.discarded = trace_reader_discarded(reader);
	page->data.forgotten = cli_holders_forgotten(holders);
}
