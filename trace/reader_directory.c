/* SPDX-License-Identifier: MIT
 * Finds the streams and whose they are: in the directory, and in those in it that are named by a
 * user's number. */
#include "trace/reader_parts.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define WINDOWS ((size_t)16 << 20) /* bytes of all windows together, about */
#define TICK 2                     /* seconds: a file system's times are at least so fine */

static size_t hash_of(const char *text)
{
	uint64_t hash = 14695981039346656037u;

	for (; *text; text++)
		hash = (hash ^ (unsigned char)*text) * 1099511628211u;
	return (size_t)(hash ^ hash >> 32);
}

static bool grow_buckets(struct trace_reader *reader)
{
	size_t size = reader->buckets_size ? reader->buckets_size * 2 : 64;
	struct reader_stream **buckets = calloc(size, sizeof(struct reader_stream *));

	if (!buckets)
		return false;
	for (size_t i = 0; i < reader->streams_count; i++) {
		struct reader_stream *at = reader->streams[i];
		struct reader_stream **bucket = &buckets[hash_of(at->file.path) % size];

		at->in_bucket = *bucket;
		*bucket = at;
	}
	free(reader->stream_buckets);
	reader->stream_buckets = buckets;
	reader->buckets_size = size;
	return true;
}

static bool grow_lists(struct trace_reader *reader)
{
	size_t room = reader->streams_room * 2 + 16;
	void *streams, *heap;

	streams = realloc(reader->streams, room * sizeof(struct reader_stream *));
	if (!streams)
		return false;
	reader->streams = streams;
	heap = realloc(reader->heap, room * sizeof(struct reader_stream *));
	if (!heap)
		return false;
	reader->heap = heap;
	reader->streams_room = room;
	return true;
}

static bool is_known(const struct trace_reader *reader, const char *path)
{
	const struct reader_stream *at;

	if (!reader->buckets_size)
		return false;
	at = reader->stream_buckets[hash_of(path) % reader->buckets_size];
	while (at && strcmp(at->file.path, path))
		at = at->in_bucket;
	return at;
}

/* Takes PATH over. */
static struct reader_stream *add_stream(struct trace_reader *reader, char *path)
{
	struct reader_stream *stream = calloc(1, sizeof(*stream)), **bucket;

	if (!stream || (reader->streams_count >= reader->buckets_size && !grow_buckets(reader)) ||
	    (reader->streams_count == reader->streams_room && !grow_lists(reader))) {
		free(stream);
		free(path);
		return NULL;
	}
	reader_file_init(&stream->file, path);
	stream->number = (unsigned)reader->streams_count;
	bucket = &reader->stream_buckets[hash_of(path) % reader->buckets_size];
	stream->in_bucket = *bucket;
	*bucket = stream;
	reader->streams[reader->streams_count++] = stream;
	return stream;
}

/* Finds out whose stream it is, once its head is there. */
static bool attach(struct trace_reader *reader, struct reader_stream *stream)
{
	if (stream->process)
		return true;
	if (!reader_stream_look(&reader->common, stream))
		return false;
	stream->process = reader_process_find(&reader->processes, &stream->head);
	if (stream->process && stream->head.stream == TRACE_STREAM_NAMES &&
	    !stream->process->names.stream)
		stream->process->names.stream = stream;
	return stream->process;
}

static bool is_number(const char *name)
{
	return *name && strspn(name, "0123456789") == strlen(name);
}

static int add_place(struct trace_reader *reader, const char *path)
{
	struct reader_place **at = &reader->places;

	for (; *at; at = &(*at)->next) {
		if (!strcmp((*at)->path, path))
			return 0;
	}
	*at = calloc(1, sizeof(**at) + strlen(path) + 1);
	if (!*at)
		return -ENOMEM;
	memcpy((*at)->path, path, strlen(path) + 1);
	return 0;
}

static bool is_directory(const char *path)
{
	struct stat st;

	return !lstat(path, &st) && S_ISDIR(st.st_mode);
}

/* Hidden files are under way, and `metadata` is for other readers. */
static int look_at(struct trace_reader *reader, const struct reader_place *place, const char *name)
{
	char *path;
	int error = 0;

	if (*name == '.' || !strcmp(name, "metadata"))
		return 0;
	if (asprintf(&path, "%s/%s", place->path, name) < 0)
		return -ENOMEM;
	if (is_known(reader, path)) {
		free(path);
		return 0;
	}
	if (is_directory(path)) {
		if (place == reader->places && is_number(name))
			error = add_place(reader, path);
		free(path);
		return error;
	}
	return add_stream(reader, path) ? 0 : -ENOMEM;
}

static void tell(struct trace_reader *reader, struct reader_place *place, int error)
{
	struct trace_damage damage = { place->path, strerror(error) };

	if (!place->told && reader->common.damaged)
		reader->common.damaged(&damage, reader->common.context);
	place->told = true;
}

/* NULL where nothing can have come since the last time. */
static DIR *open_changed(struct trace_reader *reader, struct reader_place *place)
{
	const int links = place == reader->places ? 0 : O_NOFOLLOW;
	int fd = open(place->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | links);
	struct timespec now;
	struct stat st;
	DIR *directory;

	if (fd < 0 || fstat(fd, &st)) {
		tell(reader, place, errno);
		if (fd >= 0)
			close(fd);
		return NULL;
	}
	if (place->settled && place->changed.tv_sec == st.st_mtim.tv_sec &&
	    place->changed.tv_nsec == st.st_mtim.tv_nsec) {
		close(fd);
		return NULL;
	}
	clock_gettime(CLOCK_REALTIME, &now);
	place->changed = st.st_mtim;
	place->settled = now.tv_sec - st.st_mtim.tv_sec > TICK;
	directory = fdopendir(fd);
	if (!directory)
		close(fd);
	return directory;
}

static int look_through(struct trace_reader *reader, struct reader_place *place)
{
	DIR *directory = open_changed(reader, place);
	const struct dirent *entry;
	int error = 0;

	if (!directory)
		return 0;
	while (!error && (entry = readdir(directory)))
		error = look_at(reader, place, entry->d_name);
	closedir(directory);
	return error;
}

/* Whole records, for so many streams. */
static size_t choose_window(size_t streams)
{
	size_t records = WINDOWS / streams / sizeof(struct trace_event);

	if (records > READER_WINDOW_MAX / sizeof(struct trace_event))
		records = READER_WINDOW_MAX / sizeof(struct trace_event);
	return (records < 8 ? 8 : records) * sizeof(struct trace_event);
}

int reader_directory_look(struct trace_reader *reader)
{
	size_t events = 1;
	int error = 0;

	/* The list grows at its end, by the directories that the first one has. */
	for (struct reader_place *at = reader->places; !error && at; at = at->next)
		error = look_through(reader, at);
	for (size_t i = 0; i < reader->streams_count; i++) {
		if (attach(reader, reader->streams[i]))
			events += reader->streams[i]->head.stream == TRACE_STREAM_EVENTS;
	}
	reader->common.window = choose_window(events);
	return error;
}

int reader_directory_start(struct trace_reader *reader, const char *directory)
{
	int error = add_place(reader, directory);

	return error ? error : reader_directory_look(reader);
}

void reader_directory_free(struct trace_reader *reader)
{
	for (struct reader_place *at = reader->places, *next; at; at = next) {
		next = at->next;
		free(at);
	}
	free(reader->stream_buckets);
}
