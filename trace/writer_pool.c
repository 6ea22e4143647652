/* SPDX-License-Identifier: MIT
 * A stream goes to a thread until that is gone. Where there are more threads than streams can be,
 * they share. */
#include "trace/writer_pool.h"

#include <sched.h>

#include "trace/sys.h"

#define FAILURES_MAX 12 /* each after twice as many lost events as the one before */

__thread struct writer_self writer_self __attribute__((tls_model("initial-exec")));

static void remember(struct writer_stream *stream, bool shares)
{
	const struct writer_state *state = writer_state;

	writer_self.process = writer_self.quick = 0;
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
	writer_self.stream = stream;
	writer_self.thread = sys_gettid();
	writer_self.shares = shares;
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
	writer_self.process = writer_started(state);
	writer_self.quick = writer_setup.by_pid ? 0 : writer_started(state);
}

static uint32_t owner_of(const struct writer_stream *stream)
{
	return __atomic_load_n(&stream->owner, __ATOMIC_RELAXED);
}

/* One that was taken for a signal handler before, or prepared. */
static struct writer_stream *take_own(struct writer_state *state, uint32_t thread)
{
	for (unsigned i = 0; i < WRITER_STREAMS; i++) {
		struct writer_stream *stream = &state->streams[i];

		if (owner_of(stream) == thread && writer_stream_is_made(stream) &&
		    writer_stream_try(stream))
			return stream;
	}
	return NULL;
}

static bool is_left(const struct writer_state *state, const struct writer_stream *stream)
{
	return writer_stream_is_made(stream) && !__atomic_load_n(&stream->full, __ATOMIC_RELAXED) &&
	       sys_is_gone(writer_pid(state), owner_of(stream));
}

static struct writer_stream *take_left(struct writer_state *state, uint32_t thread)
{
	for (unsigned i = 0; i < WRITER_STREAMS; i++) {
		struct writer_stream *stream = &state->streams[i];
		uint32_t before = owner_of(stream);

		if (!is_left(state, stream) || !writer_stream_try(stream))
			continue;
		if (owner_of(stream) == before) {
			__atomic_store_n(&stream->owner, thread, __ATOMIC_RELAXED);
			return stream;
		}
		writer_stream_give(stream);
	}
	return NULL;
}

static bool has_any(const struct writer_state *state)
{
	for (unsigned i = 0; i < WRITER_STREAMS; i++)
		if (writer_stream_is_made(&state->streams[i]))
			return true;
	return false;
}

/* May go better another time. */
static bool passes(int trouble)
{
	return trouble == -EMFILE || trouble == -ENFILE || trouble == -ENOMEM ||
	       trouble == -EINTR || trouble == -EAGAIN || trouble == -EBADF;
}

void writer_pool_failed(int trouble)
{
	struct writer_state *state = writer_state;

	if (trouble == -WRITER_FORKED)
		return;
	if (passes(trouble) &&
	    __atomic_add_fetch(&state->failures, 1, __ATOMIC_RELAXED) < FAILURES_MAX)
		return;
	if (has_any(state))
		__atomic_store_n(&state->stuck, 1, __ATOMIC_RELAXED);
	else
		writer_off(trouble);
}

static struct writer_stream *take_new(struct writer_state *state, uint32_t thread, uint64_t time)
{
	int error;

	for (unsigned i = 0; i < WRITER_STREAMS; i++) {
		struct writer_stream *stream = &state->streams[i];

		if (writer_stream_is_made(stream) || !writer_stream_try(stream))
			continue;
		error = writer_stream_is_made(stream) ? -EAGAIN : writer_stream_make(stream, time);
		if (!error) {
			__atomic_store_n(&stream->owner, thread, __ATOMIC_RELAXED);
			return stream;
		}
		writer_stream_give(stream);
		if (error == -EAGAIN)
			continue;
		writer_pool_failed(error);
		return NULL;
	}
	return NULL;
}

static struct writer_stream *try_all(struct writer_state *state, uint32_t first)
{
	for (unsigned i = 0; i < WRITER_STREAMS; i++) {
		struct writer_stream *stream = &state->streams[(first + i) % WRITER_STREAMS];

		if (writer_stream_is_made(stream) && writer_stream_try(stream))
			return stream;
	}
	return NULL;
}

/* Who has one of the others is at most some hundred instructions from giving it back, if it runs;
 * or we interrupted it. */
static struct writer_stream *share(struct writer_state *state, uint32_t thread)
{
	struct writer_stream *stream = NULL;

	if (!has_any(state))
		return NULL;
	for (unsigned i = 0; !stream && i < WRITER_ROUNDS + WRITER_YIELDS; i++) {
		if (i >= WRITER_ROUNDS)
			sched_yield();
		stream = try_all(state, thread);
	}
	return stream;
}

/* What failed is tried again, but not by each event. */
static bool may_make(const struct writer_state *state)
{
	uint64_t lost = __atomic_load_n(&state->discarded, __ATOMIC_RELAXED);

	if (__atomic_load_n(&state->stuck, __ATOMIC_RELAXED))
		return false;
	return !__atomic_load_n(&state->failures, __ATOMIC_RELAXED) || !(lost & (lost - 1)) ||
	       !(lost & 1023);
}

static struct writer_stream *take_for_long(struct writer_state *state, uint64_t time)
{
	uint32_t thread = sys_gettid();
	struct writer_stream *stream = take_own(state, thread);

	if (!stream)
		stream = take_left(state, thread);
	if (!stream && may_make(state))
		stream = take_new(state, thread, time);
	return stream;
}

struct writer_stream *writer_pool_take_another(struct writer_state *state, uint64_t time)
{
	struct writer_stream *stream = NULL;
	bool shares;

	writer_begin(state);
	shares = writer_is_guest(state) ||
		 (writer_self.process == writer_started(state) && writer_self.shares);
	if (!shares)
		stream = take_for_long(state, time);
	if (stream) {
		remember(stream, false);
		return stream;
	}
	stream = share(state, sys_gettid());
	if (stream && !writer_is_guest(state))
		remember(stream, true);
	else if (!stream)
		__atomic_fetch_add(&state->discarded, 1, __ATOMIC_RELAXED);
	return stream;
}
