/* SPDX-License-Identifier: MIT
 * The reader beside a writer at work: each record once and whole, in a stream that grows and in a
 * flight recorder's files, which begin anew while they are read. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "trace/reader.h"
#include "trace/writer.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define EVENTS 400000u
#define NAMES 50u
#define MIX 0x9e3779b97f4a7c15u

/* What parent and child know of each other. */
static struct {
	uint32_t written; /* events whose trace_write() has returned */
	uint32_t read;    /* the child writes no further than so far ahead of it */
	uint32_t ahead;
} * shared;

static char place[64];
static pid_t writer; /* 0: none */

static int make_place(void **state)
{
	(void)state;
	snprintf(place, sizeof(place), "/tmp/trace_reader.XXXXXX");
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
		      0);
	return shared == MAP_FAILED || !mkdtemp(place) ? -1 : 0;
}

static int remove_place(void **state)
{
	DIR *directory = opendir(place);
	const struct dirent *entry;

	(void)state;
	if (writer) {
		kill(writer, SIGKILL);
		waitpid(writer, NULL, 0);
		writer = 0;
	}
	while ((entry = readdir(directory)))
		unlinkat(dirfd(directory), entry->d_name, 0);
	closedir(directory);
	munmap(shared, sizeof(*shared));
	return rmdir(place);
}

/* Every field of the record follows from its number, so that a torn one shows. */
static struct trace_event event_of(uint32_t number)
{
	struct trace_event event = {
		.id = TRACE_LOCK,
		.time = trace_now(),
		.fd = (int32_t)number,
		.device = number * MIX,
		.inode = ~(number * MIX),
		.start = (int64_t)number,
		.length = (int64_t)number * 3,
		.waited = number ^ MIX,
		.offset = number,
	};
	char text[32];

	snprintf(text, sizeof(text), "/file/%u", number * NAMES / EVENTS);
	event.file = trace_name(TRACE_NAME_FILE, 1, 1, text);
	return event;
}

static void check_whole(const struct trace_record *record)
{
	const struct trace_event *event = &record->event;
	const uint32_t number = (uint32_t)event->fd;
	char text[32];

	assert_true(number < EVENTS);
	assert_int_equal(event->device, number * MIX);
	assert_int_equal(event->inode, ~(number * MIX));
	assert_int_equal(event->start, number);
	assert_int_equal(event->length, (int64_t)number * 3);
	assert_int_equal(event->waited, number ^ MIX);
	assert_int_equal(event->offset, number);
	snprintf(text, sizeof(text), "/file/%u", number * NAMES / EVENTS);
	assert_non_null(record->file);
	assert_string_equal(record->file, text);
	assert_string_equal(record->process->program, "writer");
}

static void write_events(void)
{
	for (uint32_t i = 0; i < EVENTS; i++) {
		struct trace_event event = event_of(i);

		while (i > __atomic_load_n(&shared->read, __ATOMIC_ACQUIRE) + shared->ahead)
			;
		trace_write(&event);
		__atomic_store_n(&shared->written, i + 1, __ATOMIC_RELEASE);
	}
}

static void start_writer(uint64_t bytes, enum trace_full full, uint32_t ahead)
{
	const struct trace_setup setup = {
		.directory = place, .program = "writer", .bytes = bytes, .full = full
	};

	shared->ahead = ahead;
	writer = fork();
	assert_true(writer >= 0);
	if (writer)
		return;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (!trace_writer_start(&setup))
		_exit(1);
	write_events();
	trace_writer_end();
	_exit(0);
}

static void refuse_damage(const struct trace_damage *damage, void *context)
{
	(void)context;
	fail_msg("%s: %s", damage->file, damage->what);
}

static struct trace_reader *open_reader(void)
{
	struct trace_reader *reader;
	struct trace_damage err;

	/* The metadata come with the first event. */
	while (trace_reader_open(&reader, place, refuse_damage, NULL, &err))
		;
	return reader;
}

static void wait_for_writer(void)
{
	int status;

	assert_int_equal(waitpid(writer, &status, 0), writer);
	writer = 0;
	assert_int_equal(status, 0);
}

/* All calls have returned, or none will come. */
static bool is_written(void)
{
	siginfo_t info = { 0 };

	return __atomic_load_n(&shared->written, __ATOMIC_ACQUIRE) == EVENTS ||
	       waitid(P_PID, (id_t)writer, &info, WEXITED | WNOWAIT | WNOHANG) || info.si_pid;
}

/* Reads what is there. Each number is marked; *ret_last is the highest. */
static uint32_t drain(struct trace_reader *reader, unsigned char *seen, uint32_t *last)
{
	struct trace_record record;
	uint32_t count = 0;

	for (; trace_reader_next(reader, &record); count++) {
		check_whole(&record);
		assert_false(seen[record.event.fd]++);
		if ((uint32_t)record.event.fd >= *last)
			*last = (uint32_t)record.event.fd;
	}
	return count;
}

/* What was given out last is looked behind by the second refresh. */
static uint32_t catch_up(struct trace_reader *reader, unsigned char *seen, uint32_t *last)
{
	uint32_t count = 0;

	for (int i = 0; i < 2; i++) {
		assert_int_equal(trace_reader_refresh(reader), 0);
		count += drain(reader, seen, last);
	}
	return count;
}

/* All of a stream that grows, in its order, while it does: half of it is read before there is more.
 */
static void follows_a_growing_stream(void **state)
{
	struct trace_reader *reader;
	struct trace_record record;
	uint32_t next = 0, early = 0;
	uint64_t all, done;
	bool ended = false;

	(void)state;
	start_writer(64 << 20, TRACE_FULL_STOP, EVENTS / 2);
	reader = open_reader();
	while (!ended) {
		ended = is_written();
		while (trace_reader_next(reader, &record)) {
			check_whole(&record);
			assert_int_equal(record.event.fd, next);
			next++;
		}
		if (next)
			__atomic_store_n(&shared->read, EVENTS, __ATOMIC_RELEASE);
		early += next < EVENTS;
		assert_int_equal(trace_reader_refresh(reader), 0);
	}
	for (; trace_reader_next(reader, &record); next++)
		assert_int_equal(record.event.fd, next);
	assert_int_equal(next, EVENTS);
	wait_for_writer();
	/* Shrunk by its end, it has not become another one. */
	assert_int_equal(trace_reader_refresh(reader), 0);
	assert_int_equal(trace_reader_next(reader, &record), 0);
	assert_true(early > 0);
	trace_reader_progress(reader, &all, &done);
	assert_int_equal(all, (uint64_t)EVENTS * sizeof(struct trace_event));
	assert_int_equal(done, all);
	assert_int_equal(trace_reader_discarded(reader), 0);
	trace_reader_close(reader);
}

/* A flight recorder that is faster than its reader: what is read is whole and new, and the newest
 * is there in the end. */
static void reads_a_flight_recorder(void **state)
{
	unsigned char *seen = calloc(EVENTS, 1);
	struct trace_reader *reader;
	uint32_t last = 0, count = 0;

	(void)state;
	start_writer(256 << 10, TRACE_FULL_OVERWRITE, EVENTS);
	reader = open_reader();
	assert_non_null(seen);
	while (!is_written()) {
		count += drain(reader, seen, &last);
		assert_int_equal(trace_reader_refresh(reader), 0);
	}
	wait_for_writer();
	count += catch_up(reader, seen, &last);
	assert_int_equal(last, EVENTS - 1);
	/* A quarter of the room is read at least, were it at the end alone. */
	assert_true(count >= (64 << 10) / sizeof(struct trace_event));
	trace_reader_close(reader);
	free(seen);
}

/* One that waits for its reader loses nothing. */
static void keeps_up_with_a_flight_recorder(void **state)
{
	unsigned char *seen = calloc(EVENTS, 1);
	struct trace_reader *reader;
	uint32_t last = 0, count = 0;

	(void)state;
	start_writer(256 << 10, TRACE_FULL_OVERWRITE, 500);
	reader = open_reader();
	assert_non_null(seen);
	while (!is_written()) {
		count += drain(reader, seen, &last);
		__atomic_store_n(&shared->read, count, __ATOMIC_RELEASE);
		assert_int_equal(trace_reader_refresh(reader), 0);
	}
	wait_for_writer();
	count += catch_up(reader, seen, &last);
	assert_int_equal(count, EVENTS);
	trace_reader_close(reader);
	free(seen);
}

/* Lets the writer go on to COUNT events. */
static void let_write(uint32_t count)
{
	__atomic_store_n(&shared->read, count - 1, __ATOMIC_RELEASE);
	while (__atomic_load_n(&shared->written, __ATOMIC_ACQUIRE) < count)
		;
}

/* A file that was left in its middle and has begun anew since, and is past that place again: read
 * from its beginning, without a hole to the newest. */
static void finds_a_file_begun_anew(void **state)
{
	const uint32_t half = (128 << 10) / sizeof(struct trace_event);
	const uint32_t enough = 2 * half + half / 2;
	unsigned char *seen = calloc(EVENTS, 1);
	struct trace_reader *reader;
	uint32_t last = 0, first = 0, count;

	(void)state;
	start_writer(256 << 10, TRACE_FULL_OVERWRITE, 0);
	reader = open_reader();
	assert_non_null(seen);
	let_write(half / 4);
	catch_up(reader, seen, &last);
	assert_int_equal(last, half / 4 - 1);
	let_write(enough);
	memset(seen, 0, EVENTS);
	count = catch_up(reader, seen, &last);
	assert_int_equal(last, enough - 1);
	while (!seen[first])
		first++;
	assert_true(count > half);
	assert_int_equal(count, enough - first);
	trace_reader_close(reader);
	free(seen);
}

/* Idle for long, then written to and left at once: the next look sees it all. */
static void sees_what_came_last(void **state)
{
	unsigned char *seen = calloc(EVENTS, 1);
	struct trace_reader *reader;
	uint32_t last = 0, count;

	(void)state;
	start_writer(64 << 20, TRACE_FULL_STOP, 0);
	reader = open_reader();
	assert_non_null(seen);
	let_write(10);
	count = drain(reader, seen, &last);
	for (int i = 0; i < 50; i++)
		count += catch_up(reader, seen, &last);
	assert_int_equal(count, 10);
	__atomic_store_n(&shared->read, EVENTS, __ATOMIC_RELEASE);
	wait_for_writer();
	assert_int_equal(trace_reader_refresh(reader), 0);
	assert_int_equal(count + drain(reader, seen, &last), EVENTS);
	trace_reader_close(reader);
	free(seen);
}

/* Killed at any time: what had returned is there, and nothing else. */
static void reads_what_the_killed_left(void **state)
{
	unsigned char *seen = calloc(EVENTS, 1);
	struct trace_reader *reader;
	uint32_t last = 0, written;

	(void)state;
	start_writer(64 << 20, TRACE_FULL_STOP, EVENTS);
	assert_non_null(seen);
	while (__atomic_load_n(&shared->written, __ATOMIC_ACQUIRE) < EVENTS / 7)
		;
	kill(writer, SIGKILL);
	waitpid(writer, NULL, 0);
	writer = 0;
	written = __atomic_load_n(&shared->written, __ATOMIC_ACQUIRE);
	reader = open_reader();
	assert_in_range(drain(reader, seen, &last), written, written + 1);
	trace_reader_close(reader);
	free(seen);
}

/* Whether a process is gone is asked of /proc, where its number may be another's by now. */
static void knows_who_is_gone(void **state)
{
	struct trace_process process = { .pid = (uint32_t)getpid(), .started = trace_now() };
	pid_t child = fork();

	(void)state;
	assert_true(child >= 0);
	if (!child)
		_exit(0);
	assert_false(trace_process_is_gone(&process));
	process.started -= (uint64_t)3600 * 1000000000;
	assert_true(trace_process_is_gone(&process));
	process = (struct trace_process){ .pid = (uint32_t)child, .started = trace_now() };
	waitid(P_PID, (id_t)child, NULL, WEXITED | WNOWAIT);
	assert_true(trace_process_is_gone(&process)); /* a zombie holds nothing */
	waitpid(child, NULL, 0);
	assert_true(trace_process_is_gone(&process));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(follows_a_growing_stream, make_place, remove_place),
		cmocka_unit_test_setup_teardown(reads_a_flight_recorder, make_place, remove_place),
		cmocka_unit_test_setup_teardown(keeps_up_with_a_flight_recorder, make_place,
						remove_place),
		cmocka_unit_test_setup_teardown(finds_a_file_begun_anew, make_place, remove_place),
		cmocka_unit_test_setup_teardown(sees_what_came_last, make_place, remove_place),
		cmocka_unit_test_setup_teardown(reads_what_the_killed_left, make_place,
						remove_place),
		cmocka_unit_test(knows_who_is_gone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
