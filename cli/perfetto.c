/* SPDX-License-Identifier: MIT
 * Writes each span as it ends, so that memory goes with threads and not with spans. */
#include "cli/perfetto.h"
#include "cli/filter.h"
#include "cli/holders.h"
#include "cli/json.h"
#include "cli/memory.h"
#include "cli/options.h"
#include "cli/perfetto_event.h"
#include "cli/progress.h"
#include "cli/report_model.h"
#include "cli/symbols.h"
#include "cli/trace_open.h"
#include "policy/policy.h"

#include <err.h>
#include <inttypes.h>
#include <string.h>

static const char *const held_ends[] = {
	[CLI_HELD_RELEASED] = "released",        [CLI_HELD_CONVERTED] = "converted",
	[CLI_HELD_UNSEEN] = "let go unseen",     [CLI_HELD_STILL] = "still held",
	[CLI_HELD_DEAD] = "its process is gone",
};

static const char *const wait_ends[] = {
	[CLI_WAIT_GRANTED] = "granted",          [CLI_WAIT_REFUSED] = "refused",
	[CLI_WAIT_ABANDONED] = "abandoned",      [CLI_WAIT_STILL] = "still waiting",
	[CLI_WAIT_DEAD] = "its process is gone",
};

static const char *file_name(const struct cli_lock *lock)
{
	return lock->file ? lock->file : "(unknown)";
}

static void put_lock(struct perfetto *perfetto, const struct cli_lock *lock, const char *end)
{
	FILE *to = perfetto->to;

	fprintf(to, ",\"args\":{\"mode\":\"%s\",\"asked\":\"%s\",\"used\":\"%s\",\"fd\":%" PRId32,
		trace_operation_names[lock->operation], trace_family_names[lock->asked],
		trace_family_names[lock->used], lock->fd);
	fprintf(to, ",\"start\":%" PRId64 ",\"length\":%" PRId64, lock->start,
		lock->end == INT64_MAX ? 0 : lock->end - lock->start);
	fprintf(to, ",\"end\":\"%s\"", end);
	if (lock->rule)
		perfetto_put_text(perfetto, "rule", lock->rule);
	if (lock->module)
		perfetto_put_text(perfetto, "site", cli_symbols_name(lock->module, lock->offset));
	fputs("}", to);
}

static void put_span(struct perfetto *perfetto, const struct cli_lock *lock, const char *what,
		     uint32_t lane, uint64_t end)
{
	/* A release tells of a grant before the trace. */
	uint64_t begin = lock->begin > perfetto->origin ? lock->begin : perfetto->origin;

	perfetto_begin(perfetto, "X", lock->process->pid, lane, begin);
	fprintf(perfetto->to, ",\"dur\":%s", perfetto_microseconds(end - begin));
	fprintf(perfetto->to, ",\"cat\":\"%s\"", what);
	perfetto_put_name(perfetto, what, file_name(lock));
}

static void held(void *context, const struct cli_hold *hold, uint64_t end, enum cli_held_end how)
{
	struct perfetto *perfetto = context;
	const struct cli_lock *lock = &hold->lock;
	uint32_t lane;

	if (!lock->wanted || end < lock->begin)
		return;
	lane = perfetto_lane_of_hold(perfetto, lock, end);
	put_span(perfetto, lock, "held", lane, end);
	put_lock(perfetto, lock, held_ends[how]);
	perfetto_end(perfetto);
	perfetto_flow_held(perfetto, lock, lane, end);
}

static void waited(void *context, const struct cli_wait *wait, uint64_t end, enum cli_wait_end how,
		   int error)
{
	struct perfetto *perfetto = context;
	const struct cli_lock *lock = &wait->lock;

	(void)error;
	if (!lock->wanted || end < lock->begin || end - lock->begin < perfetto->min_wait)
		return;
	put_span(perfetto, lock, "waiting", perfetto_lane_of_thread(perfetto, lock), end);
	put_lock(perfetto, lock, wait_ends[how]);
	perfetto_end(perfetto);
}

static void handed(void *context, const struct cli_hold *hold, uint64_t released,
		   const struct cli_wait *wait, uint64_t granted)
{
	struct perfetto *perfetto = context;

	(void)released;
	if (hold->lock.wanted && wait->lock.wanted)
		perfetto_flow_handed(perfetto, hold, wait, granted);
}

static void put_mark(struct perfetto *perfetto, const struct cli_lock *lock, const char *what,
		     const char *detail)
{
	perfetto_begin(perfetto, "i", lock->process->pid, perfetto_lane_of_thread(perfetto, lock),
		       lock->begin);
	fprintf(perfetto->to, ",\"s\":\"t\",\"cat\":\"%s\"", what);
	perfetto_put_name(perfetto, what, detail);
	fputs(",\"args\":{\"call\":", perfetto->to);
	cli_json_put_text(perfetto->to, trace_call_names[lock->call]);
	perfetto_put_text(perfetto, "file", file_name(lock));
	fputs("}", perfetto->to);
	perfetto_end(perfetto);
}

static void put_marks(struct perfetto *perfetto, const struct trace_record *record)
{
	const struct trace_event *event = &record->event;
	const char *name;
	struct cli_lock lock;

	if (!event->error && !event->hazards)
		return;
	cli_holders_lock_fill(&lock, record, true);
	for (unsigned i = 0; i < TRACE_HAZARD_COUNT; i++) {
		if (event->hazards & 1u << i)
			put_mark(perfetto, &lock, "hazard", trace_hazard_names[i]);
	}
	name = event->error ? policy_errno_name(event->error) : NULL;
	if (event->error)
		put_mark(perfetto, &lock, "error", name ? name : "unknown");
}

static void put_all(struct perfetto *perfetto, struct trace_reader *reader,
		    struct cli_filter *filter)
{
	static const struct cli_holders_calls calls = {
		.held = held,
		.waited = waited,
		.handed = handed,
	};
	struct cli_holders *holders = cli_holders_new(&calls, perfetto);
	struct trace_record record;
	uint64_t last = 0;

	while (trace_reader_next(reader, &record)) {
		bool wanted = cli_report_wants(filter, &record);

		perfetto_meet(perfetto, &record);
		if (wanted)
			put_marks(perfetto, &record);
		cli_holders_take(holders, &record, wanted);
		cli_progress_step(reader);
		last = record.event.time;
	}
	cli_progress_end();
	cli_holders_end(holders, last);
}

int cli_report_perfetto(const struct cli_arguments *arguments, const char *file)
{
	const char *directory = cli_trace_directory(arguments);
	struct perfetto *perfetto = cli_memory_get(sizeof(*perfetto));
	struct trace_reader *reader;
	struct cli_filter filter;
	int status;

	if (!directory || cli_filter_make(arguments, &filter) != CLI_OK)
		return cli_options_hint(&cli_cmd_report);
	status = cli_trace_open(directory, &reader);
	if (status != CLI_OK)
		return status;
	perfetto->to = strcmp(file, "-") ? fopen(file, "w") : stdout;
	if (!perfetto->to) {
		warn("%s", file);
		return CLI_FAILED;
	}
	perfetto->min_wait = filter.min_wait;
	perfetto_head(perfetto, directory);
	put_all(perfetto, reader, &filter);
	cli_trace_say_discarded(reader);
	trace_reader_close(reader);
	return perfetto_foot(perfetto, file);
}
