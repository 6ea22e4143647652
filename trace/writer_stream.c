/* SPDX-License-Identifier: MIT
 * Appends records, and knows what follows a file that is full. */
#include "trace/writer_stream.h"

#include <string.h>

#include "trace/writer_file.h"
#include "trace/writer_place.h"

#define NAMES_SIZE (sizeof(void *) == 8 ? UINT64_C(16) << 20 : UINT64_C(1) << 20)

static uint64_t size_of(const struct writer_stream *stream)
{
	if (stream == &writer_state->names)
		return NAMES_SIZE;
	return writer_setup.overwrite ? writer_setup.bytes / 2 : writer_setup.bytes;
}

static void give_number(struct writer_file *file, const struct writer_stream *stream)
{
	if (stream == &writer_state->names)
		file->number = WRITER_NAMES;
	else
		file->number = __atomic_fetch_add(&writer_state->files, 1, __ATOMIC_RELAXED);
}

static int make_file(struct writer_stream *stream, struct writer_file *ret, uint64_t time)
{
	struct writer_state *state = writer_state;
	uint64_t size = writer_file_limit(size_of(stream));
	uint32_t user = geteuid() + 1;
	struct sys_fd place;
	int error = size ? writer_place_open(&place) : -WRITER_FILE_LIMIT;

	if (error)
		return error;
	if (__atomic_load_n(&state->metadata, __ATOMIC_RELAXED) != user)
		error = writer_place_metadata(&place,
					      writer_process(ret->pid, ret->started) + ret->number);
	if (!error) {
		__atomic_store_n(&state->metadata, user, __ATOMIC_RELAXED);
		error = writer_file_make(ret, &place, size, time);
	}
	sys_fd_close(&place);
	return error;
}

static int make_own_file(struct writer_stream *stream, struct writer_file *ret, uintptr_t token,
			 uint64_t time)
{
	writer_begin(writer_state); /* a child that was forked a little before has not */
	give_number(ret, stream);
	ret->pid = writer_pid(writer_state);
	ret->started = writer_started(writer_state);
	ret->made = &stream->made;
	ret->token = token;
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
	return writer_file_is_ours(ret) ? make_file(stream, ret, time) : -WRITER_FORKED;
}

static bool begin_making(struct writer_stream *stream, uintptr_t was, uintptr_t token)
{
	uintptr_t expected = was;

	if (!writer_stream_is_held(stream) ||
	    !__atomic_compare_exchange_n(&stream->made, &expected, token, false, __ATOMIC_SEQ_CST,
					 __ATOMIC_RELAXED))
		return false;
	if (writer_stream_is_held(stream))
		return true;
	(void)__atomic_compare_exchange_n(&stream->made, &token, was, false, __ATOMIC_RELAXED,
					  __ATOMIC_RELAXED);
	return false;
}

static bool put_in_place(struct writer_stream *stream, uint32_t which,
			 const struct writer_file *made)
{
	uintptr_t expected = made->token;

	if (!writer_file_is_ours(made))
		return false;
	stream->files[which] = *made;
	if (__atomic_compare_exchange_n(&stream->made, &expected, WRITER_IS_MADE, false,
					__ATOMIC_RELEASE, __ATOMIC_RELAXED))
		return true;
	memset(&stream->files[which], 0, sizeof *made);
	return false;
}

/* What a child goes on with that a handler forks in the midst is its parent's: `made` is another
 * there, and `busy` before. */
static int make_at(struct writer_stream *stream, uint32_t which, uint64_t time)
{
	struct writer_file made = { .map = NULL };
	uintptr_t was = stream->made & WRITER_IS_MADE, token = (uintptr_t)&made | was;
	int error;

	if (!begin_making(stream, was, token))
		return -WRITER_FORKED;
	error = make_own_file(stream, &made, token, time);
	if (error) {
		(void)__atomic_compare_exchange_n(&stream->made, &token, was, false,
						  __ATOMIC_RELEASE, __ATOMIC_RELAXED);
		return error;
	}
	if (put_in_place(stream, which, &made))
		return 0;
	sys_unmap(made.map, made.mapped);
	return -WRITER_FORKED;
}

int writer_stream_make(struct writer_stream *stream, uint64_t time)
{
	if (!writer_stream_is_held(stream))
		return -WRITER_FORKED;
	stream->files[1].map = NULL;
	stream->which = 0;
	if (stream->last < time)
		stream->last = time;
	__atomic_store_n(&stream->full, 0, __ATOMIC_RELAXED);
	return make_at(stream, 0, time);
}

void writer_stream_make_second(struct writer_stream *stream, uint64_t time)
{
	if (writer_setup.overwrite && !stream->files[1].map)
		(void)make_at(stream, 1, time);
}

/* The flight recorder's other file, without what it had; where there can't be one, the same. */
static bool turn(struct writer_stream *stream, uint64_t time)
{
	uint32_t other = !stream->which;
	int error;

	if (!stream->files[other].map && !writer_is_guest(writer_state)) {
		error = make_at(stream, other, time);
		if (!error)
			stream->which = other;
		if (!error || error == -WRITER_FORKED)
			return !error;
	} else if (!writer_stream_is_held(stream)) {
		return false;
	} else if (stream->files[other].map) {
		stream->which = other;
	}
	writer_file_reset(&stream->files[stream->which], time);
	return true;
}

/* After the end of the process's main work came more than was left room for. */
static bool follow(struct writer_stream *stream, uint64_t time)
{
	struct writer_file *file = &stream->files[stream->which], old = *file;

	if (writer_is_guest(writer_state) || make_at(stream, stream->which, time))
		return false;
	sys_unmap(old.map, old.mapped);
	return true;
}

static void count_discarded(struct writer_stream *stream)
{
	struct trace_head *head = writer_file_head(&stream->files[stream->which]);

	__atomic_store_n(&stream->full, 1, __ATOMIC_RELAXED);
	if (stream != &writer_state->names)
		__atomic_store_n(&head->discarded, head->discarded + 1, __ATOMIC_RELAXED);
	if (!__atomic_exchange_n(&writer_state->full_told, 1, __ATOMIC_RELAXED))
		writer_tell(-WRITER_FULL);
}

static bool next_file(struct writer_stream *stream, uint64_t time)
{
	bool names = stream == &writer_state->names;

	if (!names && stream->files[stream->which].ended)
		return follow(stream, time);
	return !names && writer_setup.overwrite && turn(stream, time);
}

bool writer_stream_make_room(struct writer_stream *stream, size_t size, uint64_t time)
{
	struct writer_file *file = &stream->files[stream->which];
	int error = 0;

	if (!file->map)
		return false;
	while (!error && !writer_stream_has_room(file, size))
		error = writer_file_reserve(file);
	if (error == -WRITER_FULL && next_file(stream, time))
		return true;
	if (!writer_stream_is_held(stream))
		return false;
	if (error == -WRITER_FULL) {
		count_discarded(stream);
	} else if (error) {
		writer_off(error);
	}
	return !error;
}

void writer_stream_add_lost(struct writer_file *file)
{
	struct trace_head *head = (struct trace_head *)file->map;

	if (head)
		head->discarded +=
			__atomic_exchange_n(&writer_state->discarded, 0, __ATOMIC_RELAXED);
}

void writer_stream_end(struct writer_stream *stream)
{
	struct sys_fd place;

	if (stream != &writer_state->names)
		writer_stream_count_lost(&stream->files[stream->which]);
	if (writer_place_open(&place))
		return;
	for (unsigned i = 0; i < 2; i++)
		if (stream->files[i].map)
			writer_file_shrink(&stream->files[i], &place);
	sys_fd_close(&place);
}
