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
	struct writer_file *file;
	size_t size;
	uint64_t time; /* which the record has: no earlier than the one before */
	uint32_t tid;
};

/* In STREAM, which has `busy` set; it is given back where there is no room. */
static inline __attribute__((always_inline)) bool
trace_open_in(struct trace_opened *ret, struct writer_stream *stream, size_t size, uint64_t time)
{
	struct writer_file *file = writer_stream_file(stream, size, &time);
	unsigned char *place = file ? __atomic_load_n(&file->next, __ATOMIC_RELAXED) : NULL;

	/* In a child that was forked in here there is none. */
	if (__builtin_expect(!place, 0)) {
		writer_stream_give(stream);
		return false;
	}
	ret->record = (struct trace_event *)place;
	ret->file = file;
	ret->stream = stream;
	ret->size = size;
	ret->time = time;
	ret->tid = writer_pool_thread();
	return true;
}

/* Of the SIZE of the member that will be written; false where there is none. All of it is to
 * be filled in, with `time` and `tid` as they are here, since a handler may fork in the midst: what
 * the child then stores into its parent's record is what the parent does. trace_close() is to be
 * called soon: until then nothing of it is there. */
static inline bool trace_open(struct trace_opened *ret, size_t size, uint64_t time)
{
	struct writer_stream *stream = trace_on() ? writer_pool_take(time) : NULL;

	return stream && trace_open_in(ret, stream, size, time);
}

/* The same in the stream that this thread has already: false too where it has none, unless the
 * state has to be asked about in any case. EPOCH: not 0. */
static inline __attribute__((always_inline)) bool
trace_open_quick(struct trace_opened *ret, size_t size, uint64_t time, uint64_t epoch)
{
	struct writer_stream *stream = trace_on() ? writer_pool_take_quick(epoch) : NULL;

	if (__builtin_expect(!stream, 0))
		return writer_setup.by_pid && trace_open(ret, size, time);
	return trace_open_in(ret, stream, size, time);
}

/* In the place of trace_close(): there is no event. */
static inline void trace_abandon(const struct trace_opened *opened)
{
	writer_stream_give(opened->stream);
}

/* A handler may have forked in the midst of the record, and this be the child: then the stream is
 * another by now, or none. */
static inline __attribute__((always_inline)) bool
trace_is_still_open(const struct trace_opened *opened)
{
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
	return __builtin_expect((const unsigned char *)opened->record == opened->file->next, 1);
}

static inline __attribute__((always_inline)) void trace_close(const struct trace_opened *opened)
{
	if (trace_is_still_open(opened)) {
		/* Where the fork was before the record was placed: the stream is younger. */
		if (__builtin_expect(opened->record->time < opened->stream->last, 0))
			opened->record->time = opened->stream->last;
		writer_stream_commit(opened->stream, opened->file, opened->record, opened->size,
				     opened->record->time);
		writer_stream_count_lost(opened->file);
	}
	writer_stream_give(opened->stream);
}

#endif
