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

/* There is no room in what has blocks: false where there is none at all, and that is counted. */
bool writer_stream_make_room(struct writer_stream *stream, size_t size, uint64_t time);

/* The file that the next record of SIZE bytes goes to, behind what is used; *TIME is put off to the
 * stream's last. NULL: none, and that is counted. */
static inline struct writer_file *writer_stream_file(struct writer_stream *stream, size_t size,
						     uint64_t *time)
{
	struct writer_file *file = &stream->files[stream->which];

	if (*time < stream->last)
		*time = stream->last;
	if (__builtin_expect(file->ready - file->used < size, 0)) {
		if (!writer_stream_make_room(stream, size, *time))
			return NULL;
		file = &stream->files[stream->which];
	}
	return file;
}

/* What found no stream is told by the next that is written to. */
void writer_stream_add_lost(struct writer_file *file);
static inline __attribute__((always_inline)) void writer_stream_count_lost(struct writer_file *file)
{
	if (__builtin_expect(__atomic_load_n(&writer_state->discarded, __ATOMIC_RELAXED) != 0, 0))
		writer_stream_add_lost(file);
}

/* The record is whole. FILE is the stream's, in use. */
static inline void writer_stream_commit(struct writer_stream *stream, struct writer_file *file,
					size_t size, uint64_t time)
{
	struct trace_head *head = (struct trace_head *)file->map;
	size_t used = file->used + size;

	/* A handler forked in the midst of a record, and this is the child: the record is its
	 * parent's.
	 */
	if (__builtin_expect(!head, 0))
		return;
	file->used = used;
	stream->last = time;
	__atomic_store_n(&head->end, time, __ATOMIC_RELAXED);
	__atomic_store_n(&head->content, (uint64_t)used * 8, __ATOMIC_RELEASE);
}

/* At exit. Records may still follow. */
void writer_stream_end(struct writer_stream *stream);

#endif
