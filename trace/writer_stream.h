/* SPDX-License-Identifier: MIT
 * One stream of records, for who has it: the caller has set `busy`. */
#ifndef LOCKSHIM_TRACE_WRITER_STREAM_H
#define LOCKSHIM_TRACE_WRITER_STREAM_H

#include "trace/writer_state.h"

static inline bool writer_stream_try(struct writer_stream *stream)
{
	return !__atomic_exchange_n(&stream->busy, 1, __ATOMIC_ACQUIRE);
}

/* For who has set it: false in a child that was forked since, whose the stream is not. */
static inline bool writer_stream_is_held(const struct writer_stream *stream)
{
	return __atomic_load_n(&stream->busy, __ATOMIC_SEQ_CST);
}

static inline void writer_stream_give(struct writer_stream *stream)
{
	__atomic_store_n(&stream->busy, 0, __ATOMIC_RELEASE);
}

static inline bool writer_stream_is_made(const struct writer_stream *stream)
{
	return __atomic_load_n(&stream->made, __ATOMIC_ACQUIRE) & WRITER_IS_MADE;
}

/* Makes the stream's first file, or one more. 0 or negative. */
int writer_stream_make(struct writer_stream *stream, uint64_t time);

/* Makes the second file of a flight recorder, which may not be possible later. */
void writer_stream_make_second(struct writer_stream *stream, uint64_t time);

/* There is no room in what has blocks: false where there is none at all, and that is counted. */
bool writer_stream_make_room(struct writer_stream *stream, size_t size, uint64_t time);

static inline bool writer_stream_has_room(const struct writer_file *file, size_t size)
{
	return file->end - file->next >= (ptrdiff_t)size;
}

/* The file that the next record of SIZE bytes goes to, at its `next`; *TIME is put off to the
 * stream's last. NULL: none, and that is counted. */
static inline struct writer_file *writer_stream_file(struct writer_stream *stream, size_t size,
						     uint64_t *time)
{
	struct writer_file *file = &stream->files[stream->which];

	if (*time < stream->last)
		*time = stream->last;
	if (__builtin_expect(!writer_stream_has_room(file, size), 0)) {
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

/* Sets *AT to TO where it is FROM. One instruction, since a handler of this thread may come before
 * it and behind it, and nobody else. */
static inline bool writer_stream_step(unsigned char **at, unsigned char *from, unsigned char *to)
{
#if defined(__GCC_ASM_FLAG_OUTPUTS__) && (defined(__x86_64__) || defined(__i386__))
	bool done;

	__asm__ volatile("cmpxchg %3, %1"
			 : "=@ccz"(done), "+m"(*at), "+a"(from)
			 : "r"(to)
			 : "memory");
	return done;
#else
	return __atomic_compare_exchange_n(at, &from, to, false, __ATOMIC_RELAXED,
					   __ATOMIC_RELAXED);
#endif
}

/* The RECORD is whole. FILE is the stream's, in use. Nothing where a handler forked in the midst of
 * it, and this is the child: the record is its parent's. */
static inline __attribute__((always_inline)) void writer_stream_commit(struct writer_stream *stream,
								       struct writer_file *file,
								       void *record, size_t size,
								       uint64_t time)
{
	/* Before the step: then they are the record's. */
	unsigned char *map = file->map, *behind = (unsigned char *)record + size;
	struct trace_head *head = (struct trace_head *)map;

	if (__builtin_expect(!writer_stream_step(&file->next, record, behind), 0))
		return;
	stream->last = time;
	__atomic_store_n(&head->end, time, __ATOMIC_RELAXED);
	__atomic_store_n(&head->content, (uint64_t)(behind - map) * 8, __ATOMIC_RELEASE);
}

/* At exit. Records may still follow. */
void writer_stream_end(struct writer_stream *stream);

#endif
