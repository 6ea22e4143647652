/* SPDX-License-Identifier: MIT
 * The records of a stream of events, of whatever size, as events. */
#ifndef LOCKSHIM_TRACE_READER_RECORD_H
#define LOCKSHIM_TRACE_READER_RECORD_H

#include "trace/reader_stream.h"

enum record_found {
	RECORD_TAKEN, /* it is in stream->event */
	RECORD_NONE,  /* what is there is none */
	RECORD_END,   /* there is none, or not the whole of it */
};

/* The record at the stream's place, which stays there. */
enum record_found reader_record_take(struct reader_common *common, struct reader_stream *stream);

/* Goes behind what was found. */
void reader_record_skip(struct reader_stream *stream);

#endif
