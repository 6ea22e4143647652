/* SPDX-License-Identifier: MIT
 * Which stream a thread writes to. As a rule its own; a signal handler that interrupts the writer
 * finds that busy and takes another. */
#ifndef LOCKSHIM_TRACE_WRITER_POOL_H
#define LOCKSHIM_TRACE_WRITER_POOL_H

#include "trace/writer_stream.h"

/* A stream with `busy` set, or NULL where there is none: the event is counted. TIME is the
 * event's. To be given back by writer_stream_give(). */
struct writer_stream *writer_pool_take(uint64_t time);

/* The calling thread's number, as of its first event in this process. */
uint32_t writer_pool_thread(void);

/* An attempt at a stream failed: for now, for all further ones, or for the trace. */
void writer_pool_failed(int trouble);

#endif
