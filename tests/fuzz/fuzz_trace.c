/* SPDX-License-Identifier: MIT
 * Any bytes as a trace: what must hold of what the reader gives out, whatever they are. The first
 * byte says how much of the heads is mended, the next two how long the stream of events is; the
 * stream of names is the rest. */
#include "trace/reader.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MEND_KIND = 1, MEND_LENGTHS = 2, MEND_PROCESS = 4 };

static char place[64], events_path[96], names_path[96];

static void require(bool holds)
{
	if (!holds)
		abort();
}

static void clean_up(void)
{
	unlink(events_path);
	unlink(names_path);
	rmdir(place);
}

static void make_place(void)
{
	snprintf(place, sizeof(place), "%s/fuzz_trace.XXXXXX",
		 access("/dev/shm", W_OK) ? "/tmp" : "/dev/shm");
	require(mkdtemp(place));
	snprintf(events_path, sizeof(events_path), "%s/1.events", place);
	snprintf(names_path, sizeof(names_path), "%s/1.names", place);
	atexit(clean_up);
}

static void write_file(const char *path, const void *bytes, size_t size)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	require(fd >= 0 && write(fd, bytes, size) == (ssize_t)size);
	close(fd);
}

static void mend(char *bytes, size_t size, enum trace_stream stream, unsigned how)
{
	struct trace_head head;

	if (size < sizeof(head))
		return;
	memcpy(&head, bytes, sizeof(head));
	if (how & MEND_KIND) {
		head.magic = TRACE_MAGIC;
		head.layout = TRACE_LAYOUT;
		head.stream = stream;
	}
	if (how & MEND_LENGTHS)
		head.content = head.packet = size * 8;
	if (how & MEND_PROCESS)
		head.process = head.pid = 1;
	memcpy(bytes, &head, sizeof(head));
}

static void check_text(const char *text)
{
	require(!text || strlen(text) < 5000);
}

static void check(const struct trace_record *record)
{
	const struct trace_event *event = &record->event;

	require(event->id <= TRACE_HAZARD && event->call < TRACE_CALL_COUNT);
	require(event->operation < TRACE_OPERATION_COUNT && event->asked < 8 && event->used < 8);
	require(strnlen(record->process->program, 48) < 48);
	check_text(record->file);
	check_text(record->rule);
	check_text(record->module);
}

static void drain(struct trace_reader *reader, size_t size)
{
	struct trace_record record;
	uint64_t all, done, last = 0;
	size_t count = 0;

	while (trace_reader_next(reader, &record)) {
		check(&record);
		require(record.event.time >= last);
		last = record.event.time;
		require(++count <= size / sizeof(struct trace_brief));
	}
	trace_reader_progress(reader, &all, &done);
	require(done <= all && all <= size);
	trace_reader_discarded(reader);
}

static void check_damage(const struct trace_damage *damage, void *context)
{
	unsigned *told = context;

	require(strlen(damage->file) && strlen(damage->what));
	require(++*told <= 3); /* a stream is told of once */
}

/* While it is read: the events are cut, and then begin anew, as a flight recorder's do. */
static void change(char *events, size_t size)
{
	struct trace_head head;

	write_file(events_path, events, size / 2);
	if (size < sizeof(head))
		return;
	memcpy(&head, events, sizeof(head));
	head.begin++;
	memcpy(events, &head, sizeof(head));
}

static void run(char *events, size_t size, const char *names, size_t names_size)
{
	struct trace_reader *reader;
	struct trace_damage err;
	unsigned told = 0;

	write_file(events_path, events, size);
	write_file(names_path, names, names_size);
	require(!trace_reader_open(&reader, place, check_damage, &told, &err));
	drain(reader, size + names_size);
	change(events, size);
	require(!trace_reader_refresh(reader));
	drain(reader, size + names_size);
	write_file(events_path, events, size);
	require(!trace_reader_refresh(reader));
	drain(reader, size + names_size);
	trace_reader_close(reader);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t events_size;
	char *copy;

	if (size < 3)
		return 0;
	if (!*place)
		make_place();
	copy = malloc(size);
	require(copy);
	memcpy(copy, data, size);
	events_size = (size_t)data[1] << 8 | data[2];
	if (events_size > size - 3)
		events_size = size - 3;
	mend(copy + 3, events_size, TRACE_STREAM_EVENTS, data[0]);
	mend(copy + 3 + events_size, size - 3 - events_size, TRACE_STREAM_NAMES, data[0]);
	run(copy + 3, events_size, copy + 3 + events_size, size - 3 - events_size);
	free(copy);
	return 0;
}
