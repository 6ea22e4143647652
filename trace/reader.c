/* SPDX-License-Identifier: MIT
 * All streams of a trace merged by time: a heap of those that have a record. */
#include "trace/reader_parts.h"
#include "trace/reader_record.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SELDOM 20 /* turns */

static bool is_before(const struct reader_stream *one, const struct reader_stream *other)
{
	return one->next < other->next || (one->next == other->next && one->number < other->number);
}

static void sift_down(struct trace_reader *reader, size_t at)
{
	struct reader_stream **heap = reader->heap, *stream = heap[at];

	for (;;) {
		size_t child = 2 * at + 1;

		if (child >= reader->heap_count)
			break;
		if (child + 1 < reader->heap_count && is_before(heap[child + 1], heap[child]))
			child++;
		if (!is_before(heap[child], stream))
			break;
		heap[at] = heap[child];
		at = child;
	}
	heap[at] = stream;
}

static void push(struct trace_reader *reader, struct reader_stream *stream)
{
	struct reader_stream **heap = reader->heap;
	size_t at = reader->heap_count++;

	while (at && is_before(stream, heap[(at - 1) / 2])) {
		heap[at] = heap[(at - 1) / 2];
		at = (at - 1) / 2;
	}
	heap[at] = stream;
	stream->waits = true;
	stream->idle = 0;
}

/* Finds the stream's next record. False where there is none. */
static bool advance(struct trace_reader *reader, struct reader_stream *stream)
{
	struct reader_common *common = &reader->common;

	for (;;) {
		switch (reader_record_take(common, stream)) {
		case RECORD_TAKEN:
			stream->next = stream->event.time > stream->last ? stream->event.time
									 : stream->last;
			return true;
		case RECORD_NONE:
			reader_stream_tell(common, stream,
					   "it has a record that is none at byte %" PRIu64,
					   stream->at);
			reader_record_skip(stream);
			break;
		case RECORD_END:
			if (!stream->passed && stream->at < stream->end)
				reader_stream_tell(common, stream, "it ends within a record");
			return false;
		}
	}
}

static const struct reader_number *name(struct trace_reader *reader, struct reader_stream *stream,
					uint32_t number)
{
	return reader_names_find(&reader->common, &reader->texts, &stream->process->names, number);
}

static const char *text(struct trace_reader *reader, struct reader_stream *stream, uint32_t number)
{
	const struct reader_number *found = name(reader, stream, number);

	return found ? found->text : NULL;
}

static void give(struct trace_reader *reader, struct reader_stream *stream,
		 struct trace_record *ret)
{
	const struct reader_number *file = name(reader, stream, stream->event.file);

	ret->event = stream->event;
	ret->event.time = stream->last = stream->next;
	ret->process = &stream->process->facts;
	ret->file = file ? file->text : NULL;
	if (stream->brief && file) {
		ret->event.device = file->device;
		ret->event.inode = file->inode;
	}
	ret->rule = text(reader, stream, ret->event.rule);
	ret->module = text(reader, stream, ret->event.module);
	reader_record_skip(stream);
}

int trace_reader_next(struct trace_reader *reader, struct trace_record *ret)
{
	struct reader_stream *stream;

	if (!reader->heap_count)
		return 0;
	stream = reader->heap[0];
	give(reader, stream, ret);
	if (!advance(reader, stream)) {
		stream->waits = false;
		reader->heap[0] = reader->heap[--reader->heap_count];
	}
	if (reader->heap_count)
		sift_down(reader, 0);
	return 1;
}

/* Of processes that are no more, as it seems, a part is looked at in each turn: there may be
 * thousands of them. Not none, since a process in another pid namespace seems so too. What one
 * wrote last is seen at once, as the looks count from its end. */
static bool is_due(const struct trace_reader *reader, struct reader_stream *stream)
{
	const uint32_t pid = stream->head.pid;

	if (pid && pid <= INT32_MAX && (!kill((pid_t)pid, 0) || errno != ESRCH))
		stream->idle = 0;
	return stream->idle < SELDOM || (reader->refreshes + stream->number) % SELDOM == 0;
}

/* Puts the streams that are not in the heap there, where they have a record by now. */
static void offer(struct trace_reader *reader, bool look)
{
	for (size_t i = 0; i < reader->streams_count; i++) {
		struct reader_stream *stream = reader->streams[i];

		if (stream->waits || !stream->process || stream->head.stream != TRACE_STREAM_EVENTS)
			continue;
		if (look &&
		    (!is_due(reader, stream) || !reader_stream_look(&reader->common, stream)))
			continue;
		stream->idle++;
		if (advance(reader, stream))
			push(reader, stream);
	}
}

int trace_reader_refresh(struct trace_reader *reader)
{
	int error = reader_directory_look(reader);

	reader->refreshes++;
	offer(reader, true);
	return error;
}

static int fail(struct trace_damage *err, const char *directory, const char *what, int error)
{
	*err = (struct trace_damage){ directory, what ? what : strerror(error) };
	return -error;
}

/* 0: there may be a trace. Who asks for one that isn't there is told here. */
static int check(const char *directory, struct trace_damage *err)
{
	int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return fail(err, directory, NULL, errno);
	close(fd);
	return 0;
}

static bool has_metadata(const char *directory)
{
	char *path;
	bool has;

	if (asprintf(&path, "%s/metadata", directory) < 0)
		return false;
	has = !access(path, F_OK);
	free(path);
	return has;
}

int trace_reader_open(struct trace_reader **ret, const char *directory,
		      void (*damaged)(const struct trace_damage *damage, void *context),
		      void *context, struct trace_damage *err)
{
	struct trace_reader *reader;
	int error = check(directory, err);

	if (error)
		return error;
	reader = calloc(1, sizeof(*reader));
	if (!reader)
		return fail(err, directory, NULL, ENOMEM);
	reader->common.damaged = damaged;
	reader->common.context = context;
	reader_files_start(&reader->common.files);
	error = reader_directory_start(reader, directory);
	if (!error && !reader->streams_count && !has_metadata(directory))
		error = fail(err, directory, "there is no trace in it", ENODATA);
	else if (error)
		fail(err, directory, NULL, -error);
	if (error) {
		trace_reader_close(reader);
		return error;
	}
	offer(reader, false);
	*ret = reader;
	return 0;
}

void trace_reader_progress(const struct trace_reader *reader, uint64_t *ret_all, uint64_t *ret_done)
{
	*ret_all = *ret_done = 0;
	for (size_t i = 0; i < reader->streams_count; i++) {
		const struct reader_stream *stream = reader->streams[i];

		if (!stream->process || stream->head.stream != TRACE_STREAM_EVENTS)
			continue;
		*ret_all += stream->end - sizeof(stream->head);
		*ret_done += stream->at - sizeof(stream->head);
	}
}

uint64_t trace_reader_discarded(const struct trace_reader *reader)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < reader->streams_count; i++) {
		if (reader->streams[i]->head.stream == TRACE_STREAM_EVENTS)
			sum += reader->streams[i]->head.discarded;
	}
	return sum;
}

void trace_reader_close(struct trace_reader *reader)
{
	for (size_t i = 0; i < reader->streams_count; i++)
		reader_stream_free(&reader->common, reader->streams[i]);
	reader_directory_free(reader);
	reader_processes_free(&reader->processes);
	reader_texts_free(&reader->texts);
	free(reader->streams);
	free(reader->heap);
	free(reader);
}
