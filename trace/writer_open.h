/* SPDX-License-Identifier: MIT
 * An event that is filled in where it will lie. Inline, for the call that a program makes a million
 * times. */
#ifndef LOCKSHIM_TRACE_WRITER_OPEN_H
#define LOCKSHIM_TRACE_WRITER_OPEN_H

#include "trace/writer_pool.h"

/* Room for one event in this thread's stream. */
struct trace_opened {
	union {
		struct trace_event *record;
		struct trace_brief *brief;
		struct trace_part *part;
	};
	struct writer_stream *stream;
	size_t size;
};

/* Of the SIZE of the member that will be written, with time, pid and tid filled in; false where
 * there is none. All else is to be filled in, and trace_close() called soon: until then nothing of
 * it is there. */
static inline bool trace_open(struct trace_opened *ret, size_t size, uint64_t time)
{
	struct writer_stream *stream;

	if (!trace_on())
		return false;
	stream = writer_pool_take(time);
	if (!stream)
		return false;
	ret->record = writer_stream_record(stream, size, &time);
	if (!ret->record) {
		writer_stream_give(stream);
		return false;
	}
	ret->stream = stream;
	ret->size = size;
	ret->record->time = time;
	ret->record->pid = writer_state->pid;
	ret->record->tid = writer_pool_thread();
	return true;
}

/* A handler may have forked in the midst of the record, and this be the child: then the stream is
 * another by now, or none. */
static inline bool trace_is_still_open(const struct trace_opened *opened)
{
	const struct writer_file *file = &opened->stream->files[opened->stream->which];

	return (const unsigned char *)opened->record == file->map + file->used;
}

static inline void trace_close(const struct trace_opened *opened)
{
	struct writer_stream *stream = opened->stream;

	if (__builtin_expect(trace_is_still_open(opened), 1)) {
		if (opened->record->time < stream->last)
			opened->record->time = stream->last;
		writer_stream_commit(stream, opened->size, opened->record->time);
		writer_stream_count_lost(stream);
	}
	writer_stream_give(stream);
}

#endif
