/* SPDX-License-Identifier: MIT
 * One stream of a trace, read through a window. What its head says is believed as far as the file
 * bears it out. */
#ifndef LOCKSHIM_TRACE_READER_STREAM_H
#define LOCKSHIM_TRACE_READER_STREAM_H

#include "trace/reader.h"
#include "trace/reader_files.h"

struct reader_process;

/* What all streams of a reader use. */
struct reader_common {
	struct reader_files files;
	void (*damaged)(const struct trace_damage *damage, void *context);
	void *context;
	size_t window;  /* bytes of a window from now on */
	uint64_t fills; /* windows filled */
};

struct reader_stream {
	struct reader_file file;
	struct reader_process *process; /* NULL: the head is not seen yet */
	struct reader_stream *in_bucket;
	struct trace_head head; /* as last read */
	uint64_t at, end;       /* the next byte to give out, and where records end, in the file */
	uint64_t last, next;    /* times: the latest given out, and of the record that waits */
	struct trace_event event; /* the record that waits, without what its names tell */
	uint64_t size;            /* and its bytes */
	bool lost;                /* behind a record that was none */
	bool brief;               /* it is of a file that its name tells of */
	char *window;
	size_t pos, len, room; /* in the window */
	unsigned number;       /* in the order they were found */
	unsigned idle;         /* looks on end that found nothing, nor its process */
	bool waits;            /* has a record in the heap */
	bool told;             /* its damage */
	bool passed;           /* nothing more is to come of it */
};

/* Reads the head anew. True where it is one of this layout; else told as damage, but for a head
 * that is still to be written. */
bool reader_stream_look(struct reader_common *common, struct reader_stream *stream);

/* LEN bytes of records at the stream's place, or NULL where there are not so many (as the head was
 * at the last look). LEN is at most READER_WINDOW_MIN. Good until the next call. */
const void *reader_stream_peek(struct reader_common *common, struct reader_stream *stream,
			       size_t len);
void reader_stream_skip(struct reader_stream *stream, size_t len);

#define READER_WINDOW_MIN ((size_t)4352) /* a name's longest record */
#define READER_WINDOW_MAX ((size_t)65536)

/* Says what is wrong with the stream, once. */
void reader_stream_tell(struct reader_common *common, struct reader_stream *stream,
			const char *format, ...) __attribute__((format(printf, 3, 4)));

void reader_stream_free(struct reader_common *common, struct reader_stream *stream);

#endif
