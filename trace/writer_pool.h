/* SPDX-License-Identifier: MIT
 * Which stream a thread writes to. As a rule its own; a signal handler that interrupts the writer
 * finds that busy and takes another. */
#ifndef LOCKSHIM_TRACE_WRITER_POOL_H
#define LOCKSHIM_TRACE_WRITER_POOL_H

#include "trace/writer_stream.h"

/* Of the thread. A signal handler may come between any two stores: `process` makes it stand. */
struct writer_self {
	uint64_t process;
	uint64_t quick; /* the same, where the state is zeroed in every child; else 0 */
	struct writer_stream *stream;
	uint32_t thread;
	bool shares;
};
extern __thread struct writer_self writer_self __attribute__((tls_model("initial-exec")));

struct writer_stream *writer_pool_take_another(struct writer_state *state, uint64_t time);

/* The thread's, which it has: NULL where that is busy. */
static inline struct writer_stream *writer_pool_own(void)
{
	struct writer_stream *stream;

	/* Once, and no earlier: a signal handler may give the thread another. */
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
	stream = __atomic_load_n(&writer_self.stream, __ATOMIC_RELAXED);
	return __builtin_expect(writer_stream_try(stream), 1) ? stream : NULL;
}

/* This thread's stream with `busy` set, where it has one already. STARTED: the state's, not 0. */
static inline struct writer_stream *writer_pool_take_quick(uint64_t started)
{
	return __builtin_expect(writer_self.quick == started, 1) ? writer_pool_own() : NULL;
}

/* A stream with `busy` set, or NULL where there is none: the event is counted. TIME is the
 * event's. To be given back by writer_stream_give(). */
static inline struct writer_stream *writer_pool_take(uint64_t time)
{
	struct writer_state *state = writer_state;
	uint64_t started = __atomic_load_n(&state->started, __ATOMIC_ACQUIRE);
	struct writer_stream *stream = NULL;

	if (writer_is_barred(state))
		return NULL;
	if (started && writer_self.process == started)
		stream = writer_pool_own();
	return stream ? stream : writer_pool_take_another(state, time);
}

/* The calling thread's number, as of its first event in this process. */
static inline uint32_t writer_pool_thread(void)
{
	return writer_self.thread ? writer_self.thread : writer_pid(writer_state);
}

/* An attempt at a stream failed: for now, for all further ones, or for the trace. */
void writer_pool_failed(int trouble);

#endif
