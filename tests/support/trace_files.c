/* SPDX-License-Identifier: MIT
 * A file is open only while its buffer is written out, so that 10,000 need no 10,000 descriptors.
 */
#include "tests/support/trace_files.h"
#include "trace/metadata.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define BUFFER ((size_t)16384)
#define UNUSED ((uint64_t)65536) /* bytes behind the content, at least */
#define BUCKETS 65536

struct name {
	struct name *next;
	uint32_t number, kind;
	char text[];
};

struct process {
	struct process *next;
	struct trace_owner owner;
	uint64_t token, started;
	struct trace_file *names_stream;
	struct name *names;
	uint32_t names_count, streams_count;
};

struct trace_file {
	struct trace_file *next, *in_bucket;
	struct process *process;
	struct trace_head head;
	uint32_t tid, part;
	uint64_t written; /* bytes in the file, its head left out */
	size_t len;
	char *buffer;
	char path[4096];
};

static const char *place;
static struct process *processes;
static struct trace_file *files, *buckets[BUCKETS];

static void *get(size_t size)
{
	void *at = calloc(1, size);

	if (!at)
		err(1, "memory");
	return at;
}

void trace_files_begin(const char *directory, bool more)
{
	char path[4096];
	FILE *file;

	place = directory;
	if (mkdir(directory, 0700) && !(more && errno == EEXIST))
		err(1, "%s", directory);
	snprintf(path, sizeof(path), "%s/metadata", directory);
	file = fopen(path, "w");
	if (!file || fputs(trace_metadata, file) < 0 || fclose(file))
		err(1, "%s", path);
}

static void write_at(int fd, const char *from, size_t len, uint64_t at, const char *path)
{
	if (pwrite(fd, from, len, (off_t)at) != (ssize_t)len)
		err(1, "%s", path);
}

static int open_file(const struct trace_file *file)
{
	int fd = open(file->path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	if (fd < 0)
		err(1, "%s", file->path);
	return fd;
}

static void flush(struct trace_file *file)
{
	int fd = open_file(file);

	write_at(fd, file->buffer, file->len, sizeof(file->head) + file->written, file->path);
	close(fd);
	file->written += file->len;
	file->len = 0;
}

static void append(struct trace_file *file, const void *record, size_t len)
{
	if (!file->buffer)
		file->buffer = get(BUFFER);
	if (file->len + len > BUFFER)
		flush(file);
	memcpy(file->buffer + file->len, record, len);
	file->len += len;
}

/* The time as it may stand in the stream. */
static uint64_t pass_time(struct trace_head *head, uint64_t time)
{
	if (!head->begin)
		head->begin = head->end = time;
	if (head->end < time)
		head->end = time;
	return head->end;
}

static struct trace_file *new_file(struct process *process, enum trace_stream stream)
{
	const struct trace_owner *owner = &process->owner;
	struct trace_file *file = get(sizeof(*file));

	file->process = process;
	file->head = (struct trace_head){
		.magic = TRACE_MAGIC,
		.stream = stream,
		.process = process->token,
		.pid = owner->pid,
		.uid = owner->uid,
		.layout = TRACE_LAYOUT,
		.word = owner->word,
	};
	memcpy(file->head.program, owner->program, sizeof(owner->program));
	if (stream == TRACE_STREAM_NAMES)
		snprintf(file->path, sizeof(file->path), "%s/%u-%" PRIx64 ".names", place,
			 owner->pid, process->token);
	else
		snprintf(file->path, sizeof(file->path), "%s/%u-%" PRIx64 ".%u.events", place,
			 owner->pid, process->token, process->streams_count++);
	file->next = files;
	files = file;
	return file;
}

static uint64_t hash(const char *text)
{
	uint64_t sum = 5381;

	for (; *text; text++)
		sum = sum * 33 + (unsigned char)*text;
	return sum;
}

static struct process *find_process(const struct trace_owner *owner)
{
	struct process *at;

	for (at = processes; at; at = at->next) {
		if (at->owner.pid == owner->pid && at->owner.life == owner->life &&
		    !strcmp(at->owner.program, owner->program))
			return at;
	}
	at = get(sizeof(*at));
	at->owner = *owner;
	at->token = hash(owner->program) << 40 | (uint64_t)owner->life << 32 | owner->pid;
	at->next = processes;
	processes = at;
	at->names_stream = new_file(at, TRACE_STREAM_NAMES);
	return at;
}

struct trace_file *trace_files_stream(const struct trace_owner *owner)
{
	struct trace_file **bucket = &buckets[(owner->tid * 31u + owner->part) % BUCKETS];
	struct process *process;
	struct trace_file *file;

	for (file = *bucket; file; file = file->in_bucket) {
		if (file->tid == owner->tid && file->part == owner->part &&
		    file->head.pid == owner->pid && file->process->owner.life == owner->life &&
		    !strcmp(file->head.program, owner->program))
			return file;
	}
	process = find_process(owner);
	file = new_file(process, TRACE_STREAM_EVENTS);
	file->tid = owner->tid;
	file->part = owner->part;
	file->in_bucket = *bucket;
	*bucket = file;
	return file;
}

static void add_name(struct process *process, const struct name *name,
		     const struct trace_event *event)
{
	size_t size = strlen(name->text) + 1, filled = (size + 7) & ~(size_t)7;
	char *bytes = get(sizeof(struct trace_name) + filled);
	struct trace_name record = {
		.time = pass_time(&process->names_stream->head, event->time),
		.id = TRACE_NAME,
		.pid = event->pid,
		.tid = event->tid,
		.number = name->number,
		.kind = name->kind,
		.length = (uint32_t)filled,
	};

	if (name->kind == TRACE_NAME_FILE) {
		record.device = event->device;
		record.inode = event->inode;
	}
	memcpy(bytes, &record, sizeof(record));
	memcpy(bytes + sizeof(record), name->text, size);
	append(process->names_stream, bytes, sizeof(record) + filled);
	free(bytes);
}

uint32_t trace_files_name(struct trace_file *stream, enum trace_name_kind kind,
			  const struct trace_event *event, const char *text)
{
	struct process *process = stream->process;
	struct name *name;

	for (name = process->names; name; name = name->next) {
		if (name->kind == kind && !strcmp(name->text, text))
			return name->number;
	}
	name = get(sizeof(*name) + strlen(text) + 1);
	name->number = ++process->names_count;
	name->kind = kind;
	memcpy(name->text, text, strlen(text) + 1);
	name->next = process->names;
	process->names = name;
	add_name(process, name, event);
	return name->number;
}

void trace_files_add(struct trace_file *stream, const struct trace_event *event)
{
	struct process *process = stream->process;
	struct trace_event record = *event;

	record.time = pass_time(&stream->head, event->time);
	if (!process->started || record.time < process->started)
		process->started = record.time;
	append(stream, &record, sizeof(record));
}

void trace_files_discard(struct trace_file *stream, uint64_t events)
{
	stream->head.discarded += events;
}

static void finish(struct trace_file *file)
{
	uint64_t size = sizeof(file->head) + file->written + file->len;
	uint64_t all = (size + 2 * UNUSED - 1) / UNUSED * UNUSED;
	int fd;

	if (file->len)
		flush(file);
	file->head.started = file->process->started;
	file->head.content = size * 8;
	file->head.packet = all * 8;
	fd = open_file(file);
	write_at(fd, (const char *)&file->head, sizeof(file->head), 0, file->path);
	if (ftruncate(fd, (off_t)all) || close(fd))
		err(1, "%s", file->path);
}

void trace_files_end(void)
{
	for (struct trace_file *file = files; file; file = file->next)
		finish(file);
}
