/* SPDX-License-Identifier: MIT
 * Which calls a rule wants told of, and telling them. */
#include "policy/sys.h"
#include "shim/log.h"
#include "shim/object.h"
#include "shim/watch_internal.h"

/* What makes a call one that somebody asked for, beside all of them. */
static bool is_among(unsigned value, const struct trace_event *event, bool follows)
{
	bool failed = event->error || event->hazards || event->id == TRACE_HAZARD;
	bool contended = event->flags & TRACE_WAITED || event->id == TRACE_WAIT || follows;

	return (value == POLICY_RECORD_CONTENDED && (failed || contended)) ||
	       (value == POLICY_RECORD_ERRORS && failed);
}

static bool is_wanted(unsigned value, const struct trace_event *event, bool follows)
{
	return value == POLICY_RECORD_ALL ||
	       (value != POLICY_RECORD_NO && is_among(value, event, follows));
}

/* Of what is no file's the rule for any is asked. */
static unsigned general(enum policy_action action)
{
	const struct shim_state *state = shim_state();
	const struct policy_actions *actions =
		state->constant ? state->constant : &state->policy->no_rule;

	return (unsigned)actions->value[action];
}

unsigned watch_sinks_asked(const struct trace_event *event, const struct watch_file *file,
			   unsigned before)
{
	unsigned trace = file ? file->trace : general(POLICY_TRACE);
	unsigned log = file ? file->log : general(POLICY_LOG), sinks = 0;

	if (is_wanted(trace, event, before & WATCH_TRACE) && trace_on())
		sinks |= WATCH_TRACE;
	if (is_wanted(log, event, before & WATCH_LOG) && log_on())
		sinks |= WATCH_LOG;
	return sinks;
}

/* The log has words where the trace has numbers. */
static void tell_log(const struct trace_event *event, const struct watch_file *file)
{
	char *room = event->fd >= 0 ? sys_pages(OBJECT_PATH_ROOM) : NULL;
	const struct policy_rule *by = file ? __atomic_load_n(&file->by, __ATOMIC_RELAXED) : NULL;
	struct log_words words = { .rule = by ? by->name : NULL };

	if (room)
		(void)object_path(event->fd, room, &words.path);
	log_event(event, &words);
	if (room)
		sys_pages_free(room, OBJECT_PATH_ROOM);
}

void watch_tell(struct trace_event *event, const struct watch_file *file, unsigned sinks,
		const void *site)
{
	if (sinks & WATCH_TRACE) {
		if (site)
			trace_site(site, &event->module, &event->offset);
		trace_write(event);
	}
	if (sinks & WATCH_LOG)
		tell_log(event, file);
}
