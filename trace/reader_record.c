/* SPDX-License-Identifier: MIT
 * A record's size is known by its id. */
#include "trace/reader_record.h"

#include <string.h>

static const struct kind {
	uint8_t size, stands_for;
} kinds[] = {
	[TRACE_LOCK] = { sizeof(struct trace_event), TRACE_LOCK },
	[TRACE_RELEASE] = { sizeof(struct trace_event), TRACE_RELEASE },
	[TRACE_QUERY] = { sizeof(struct trace_event), TRACE_QUERY },
	[TRACE_WAIT] = { sizeof(struct trace_event), TRACE_WAIT },
	[TRACE_HAZARD] = { sizeof(struct trace_event), TRACE_HAZARD },
	[TRACE_BRIEF_LOCK] = { sizeof(struct trace_brief), TRACE_LOCK },
	[TRACE_BRIEF_RELEASE] = { sizeof(struct trace_brief), TRACE_RELEASE },
	[TRACE_PART_LOCK] = { sizeof(struct trace_part), TRACE_LOCK },
	[TRACE_PART_RELEASE] = { sizeof(struct trace_part), TRACE_RELEASE },
};

/* Callers index tables by these. */
static bool is_sane(const struct trace_event *event)
{
	return event->id <= TRACE_HAZARD && event->call < TRACE_CALL_COUNT &&
	       event->operation < TRACE_OPERATION_COUNT && event->asked <= 7 && event->used <= 7;
}

static void expand(const char *bytes, size_t size, uint32_t pid, struct trace_event *ret)
{
	struct trace_part part = { .start = 0 };

	memcpy(&part, bytes, size);
	*ret = (struct trace_event){
		.time = part.brief.time,
		.pid = pid,
		.tid = part.brief.tid,
		.call = part.brief.call,
		.operation = part.brief.operation,
		.asked = part.brief.asked,
		.used = part.brief.used,
		.flags = part.brief.flags,
		.fd = part.brief.fd,
		.start = part.start,
		.length = part.length,
		.held = part.brief.held,
		.file = part.brief.file,
		.rule = part.brief.rule,
		.module = part.brief.module,
		.offset = part.brief.offset,
	};
}

/* All sizes are multiples of it. */
#define STEP 16

/* Behind what was none a record can begin anywhere: it has to be of this process and of its time,
 * and of a file where it is brief. */
static bool is_likely(const struct reader_stream *stream)
{
	const struct trace_event *event = &stream->event;

	return event->pid == stream->head.pid && event->time >= stream->head.begin &&
	       event->time >= stream->last && event->time <= stream->head.end &&
	       (!stream->brief || event->file);
}

static enum record_found none(struct reader_stream *stream)
{
	stream->lost = true;
	stream->size = STEP;
	return RECORD_NONE;
}

enum record_found reader_record_take(struct reader_common *common, struct reader_stream *stream)
{
	const char *bytes = reader_stream_peek(common, stream, STEP);
	uint8_t id;

	if (!bytes)
		return RECORD_END;
	id = (uint8_t)bytes[offsetof(struct trace_event, id)];
	if (id >= sizeof(kinds) / sizeof(kinds[0]) || !kinds[id].size)
		return none(stream);
	stream->size = kinds[id].size;
	bytes = reader_stream_peek(common, stream, stream->size);
	if (!bytes)
		return RECORD_END;
	stream->brief = id != kinds[id].stands_for;
	if (stream->brief)
		expand(bytes, stream->size, stream->head.pid, &stream->event);
	else
		memcpy(&stream->event, bytes, sizeof(stream->event));
	stream->event.id = kinds[id].stands_for;
	if (!is_sane(&stream->event) || (stream->lost && !is_likely(stream)))
		return none(stream);
	stream->lost = false;
	return RECORD_TAKEN;
}

void reader_record_skip(struct reader_stream *stream)
{
	reader_stream_skip(stream, stream->size);
}
