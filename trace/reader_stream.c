/* SPDX-License-Identifier: MIT
 * Heads that are believed as far as the file bears them out, and a window over the records. */
#include "trace/reader_stream.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HEAD sizeof(struct trace_head)

void reader_stream_tell(struct reader_common *common, struct reader_stream *stream,
			const char *format, ...)
{
	struct trace_damage damage = { .file = stream->file.path };
	char text[200];
	va_list args;

	if (stream->told || !common->damaged)
		return;
	stream->told = true;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	damage.what = text;
	common->damaged(&damage, common->context);
}

static bool pass(struct reader_common *common, struct reader_stream *stream, const char *what)
{
	if (what)
		reader_stream_tell(common, stream, "%s", what);
	stream->passed = true;
	stream->end = stream->at;
	return false;
}

/* Files go while a trace is read: whoever removed them knows. */
static bool fail(struct reader_common *common, struct reader_stream *stream, int error)
{
	if (error == EMEDIUMTYPE)
		return pass(common, stream, "it is no regular file");
	return pass(common, stream, error == ENOENT && stream->file.known ? NULL : strerror(error));
}

/* What no later look will mend. */
static bool is_ours(struct reader_common *common, struct reader_stream *stream,
		    const struct trace_head *head)
{
	if (head->magic == __builtin_bswap32(TRACE_MAGIC))
		return pass(common, stream, "it was written on a machine of other byte order");
	if (head->magic != TRACE_MAGIC)
		return pass(common, stream, "it does not begin as a stream of a trace");
	if (head->layout != TRACE_LAYOUT) {
		reader_stream_tell(common, stream,
				   "its head is of layout %" PRIu32 ", this is for layout %d",
				   head->layout, TRACE_LAYOUT);
		return pass(common, stream, NULL);
	}
	if (head->stream > TRACE_STREAM_NAMES)
		return pass(common, stream, "its head names no kind of stream");
	if (head->content / 8 < HEAD)
		return pass(common, stream, "its content is shorter than its head");
	return true;
}

/* Where the records end, in bytes. */
static uint64_t find_end(struct reader_common *common, struct reader_stream *stream,
			 const struct trace_head *head, uint64_t length)
{
	uint64_t end = head->content / 8;

	if (end > head->packet / 8) {
		reader_stream_tell(common, stream, "its content is longer than its packet");
		end = head->packet / 8 < HEAD ? HEAD : head->packet / 8;
	}
	if (end > length) {
		reader_stream_tell(common, stream, "it was cut to %" PRIu64 " bytes of %" PRIu64,
				   length, end);
		end = length;
	}
	return end;
}

static void take(struct reader_common *common, struct reader_stream *stream,
		 const struct trace_head *head, uint64_t length)
{
	uint64_t end = find_end(common, stream, head, length);

	/* A flight recorder began this file anew; what was not read of it is gone. */
	if (stream->at < HEAD || stream->head.begin != head->begin || end < stream->at) {
		stream->at = HEAD;
		stream->pos = stream->len = 0;
	}
	stream->head = *head;
	stream->head.program[sizeof(head->program) - 1] = '\0';
	stream->end = end;
}

/* The head and, as of a time at which it was so, the file's length; or -errno. A file that begins
 * anew and is then shrunk is caught between the two. */
static ssize_t read_head(struct reader_common *common, struct reader_stream *stream,
			 struct trace_head *ret, int64_t *ret_length)
{
	struct trace_head before;
	ssize_t got;

	memset(ret, 0, sizeof(*ret));
	do {
		before = *ret;
		got = reader_files_read(&common->files, &stream->file, ret, HEAD, 0);
		if (got < 0)
			return got;
		*ret_length = reader_files_length(&common->files, &stream->file);
		if (*ret_length < 0)
			return (ssize_t)*ret_length;
	} while (ret->content / 8 > (uint64_t)*ret_length && ret->content != before.content);
	return got;
}

bool reader_stream_look(struct reader_common *common, struct reader_stream *stream)
{
	struct trace_head head;
	int64_t length = 0;
	ssize_t got;

	if (stream->passed)
		return false;
	got = read_head(common, stream, &head, &length);
	if (got < 0)
		return fail(common, stream, (int)-got);
	if (got < (ssize_t)HEAD) {
		if (got)
			reader_stream_tell(common, stream, "it is shorter than a head");
		return false;
	}
	if (!head.magic && !head.content)
		return false;
	if (!is_ours(common, stream, &head))
		return false;
	take(common, stream, &head, (uint64_t)length);
	return true;
}

static size_t choose_room(const struct reader_common *common, const struct reader_stream *stream)
{
	uint64_t left = stream->end - stream->at;
	size_t room = common->window;

	if (stream->head.stream == TRACE_STREAM_NAMES && room < READER_WINDOW_MIN)
		room = READER_WINDOW_MIN;
	return left < room ? (size_t)left : room;
}

static void drop_window(struct reader_stream *stream)
{
	free(stream->window);
	stream->window = NULL;
	stream->pos = stream->len = stream->room = 0;
}

static bool make_room(struct reader_stream *stream, size_t room)
{
	if (stream->room >= room && stream->room <= 2 * room)
		return true;
	drop_window(stream);
	stream->window = malloc(room);
	stream->room = stream->window ? room : 0;
	return stream->window;
}

/* The window from the stream's place on. The head is read again behind the records: a flight
 * recorder may have begun the file anew in between, and then its head says so. */
static bool fill(struct reader_common *common, struct reader_stream *stream)
{
	const uint64_t at = stream->at, begin = stream->head.begin;
	const size_t room = choose_room(common, stream);
	ssize_t got;

	if (!make_room(stream, room))
		return pass(common, stream, "there is no memory to read it");
	stream->pos = stream->len = 0;
	common->fills++;
	got = reader_files_read(&common->files, &stream->file, stream->window, room, at);
	if (got < 0)
		return fail(common, stream, (int)-got);
	if (!reader_stream_look(common, stream))
		return false;
	if (stream->at == at && stream->head.begin == begin)
		stream->len = (size_t)got;
	return true;
}

const void *reader_stream_peek(struct reader_common *common, struct reader_stream *stream,
			       size_t len)
{
	/* Each further turn is a file begun anew under our hands. */
	for (int turn = 0; turn < 8 && stream->len - stream->pos < len; turn++) {
		if (stream->passed || stream->end - stream->at < len) {
			if (stream->pos == stream->len)
				drop_window(stream);
			return NULL;
		}
		if (!fill(common, stream))
			return NULL;
	}
	return stream->len - stream->pos < len ? NULL : stream->window + stream->pos;
}

void reader_stream_skip(struct reader_stream *stream, size_t len)
{
	stream->pos += len;
	stream->at += len;
}

void reader_stream_free(struct reader_common *common, struct reader_stream *stream)
{
	drop_window(stream);
	reader_files_forget(&common->files, &stream->file);
	free(stream);
}
