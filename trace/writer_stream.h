/* SPDX-License-Identifier: MIT
 * One stream of records, for who has it: the caller has set `busy`. */
#ifndef LOCKSHIM_TRACE_WRITER_STREAM_H
#define LOCKSHIM_TRACE_WRITER_STREAM_H

#include "trace/writer_state.h"

static inline bool writer_stream_try(struct writer_stream *stream)
{
	return !__atomic_exchange_n(&stream->busy, 1, __ATOMIC_ACQUIRE);
}

static inline void writer_stream_give(struct writer_stream *stream)
{
	__atomic_store_n(&stream->busy, 0, __ATOMIC_RELEASE);
}

static inline bool writer_stream_is_made(const struct writer_stream *stream)
{
	return __atomic_load_n(&stream->made, __ATOMIC_ACQUIRE);
}

/* Makes the stream's first file, or one more. 0 or negative. */
int writer_stream_make(struct writer_stream *stream, uint64_t time);

/* Makes the second file of a flight recorder, which may not be possible later. */
void writer_stream_make_second(struct writer_stream *stream, uint64_t time);

/* Where the next record of SIZE bytes goes; *TIME is put off to the stream's last. NULL: nowhere,
 * and that is counted. */
void *writer_stream_record(struct writer_stream *stream, size_t size, uint64_t *time);

/* The record is whole. */
void writer_stream_commit(struct writer_stream *stream, size_t size, uint64_t time);

/* At exit. Records may still follow. */
void writer_stream_end(struct writer_stream *stream);

#endif
