/* SPDX-License-Identifier: MIT
 * What is written is there: events, times, names, sizes. */
#include "tests/trace/traced.h"
#include "trace/writer_open.h"

#include <pthread.h>
#include <sched.h>
#include <string.h>
#include <unistd.h>

#define THREADS 4
#define EACH 20000
#define MANY 20000 /* names of a thread; more than the writer remembers */

static void write_all_fields(const char *trace)
{
	struct trace_event event;

	CHECK(traced_start(trace));
	memset(&event, 0x5a, sizeof event);
	event.id = TRACE_RELEASE;
	event.time = trace_now();
	event.file = event.rule = event.module = 0;
	trace_write(&event);
}

static void test_trace_writer_keeps_every_field(void **state)
{
	const struct traced *traced;
	struct trace_event expected;

	traced_play(*state, write_all_fields);
	traced = traced_assert(traced_path(*state, "trace"));
	assert_int_equal(traced->events_count, 1);
	memset(&expected, 0x5a, sizeof expected);
	expected.id = TRACE_RELEASE;
	expected.file = expected.rule = expected.module = 0;
	expected.time = traced->events[0].event->time;
	expected.pid = traced->events[0].event->pid;
	expected.tid = expected.pid;
	assert_memory_equal(traced->events[0].event, &expected, sizeof expected);
	assert_string_equal(traced->events[0].head->program, "traced");
	assert_int_equal(traced->events[0].head->uid, geteuid());
	assert_int_equal(traced->events[0].head->word, 8 * sizeof(void *));
}

#define BRIEF 3000 /* beyond what has blocks at first */

/* Of all sizes behind each other. */
static void write_brief(const char *trace)
{
	struct trace_opened opened = { .stream = NULL };
	uint32_t file, i;
	size_t size;

	CHECK(traced_start(trace));
	file = trace_name(TRACE_NAME_FILE, 7, 8, "/a");
	for (i = 0; i < BRIEF; i++) {
		size = i & 1 ? sizeof *opened.part : sizeof *opened.brief;
		CHECK(i ? trace_open_quick(&opened, size, trace_now(), trace_epoch())
			: trace_open(&opened, size, trace_now()));
		*opened.brief = (struct trace_brief){
			.time = opened.time,
			.id = i & 1 ? TRACE_PART_RELEASE : TRACE_BRIEF_LOCK,
			.tid = opened.tid,
			.fd = (uint16_t)i,
			.file = (uint16_t)file,
			.held = i,
		};
		if (i & 1) {
			opened.part->start = INT64_MAX - i;
			opened.part->length = i;
		}
		trace_close(&opened);
		traced_write(i, 1);
	}
}

static void assert_sizes(void **state)
{
	const struct traced *traced;
	uint32_t i;

	traced = traced_assert(traced_path(*state, "trace"));
	assert_int_equal(traced->events_count, 2 * BRIEF);
	for (i = 0; i < BRIEF; i++) {
		const struct trace_part *part = traced->events[2 * i].part;

		assert_non_null(part);
		assert_int_equal(part->brief.fd, i);
		assert_int_equal(part->brief.held, i);
		assert_true(!(i & 1) || part->start == INT64_MAX - i);
		assert_int_equal(traced->events[2 * i + 1].event->inode, i);
	}
}

static void test_trace_writer_mixes_sizes(void **state)
{
	traced_play(*state, write_brief);
	assert_sizes(state);
}

static void test_trace_writer_mixes_sizes_on_old_kernels(void **state)
{
	traced_play_on_old_kernel(*state, write_brief);
	assert_sizes(state);
}

static void *write_some(void *arg)
{
	traced_write((uint64_t)(uintptr_t)arg * EACH, EACH);
	return NULL;
}

static void write_in_threads(const char *trace)
{
	pthread_t threads[THREADS];

	CHECK(traced_start(trace));
	for (uintptr_t i = 0; i < THREADS; i++)
		CHECK(!pthread_create(&threads[i], NULL, write_some, (void *)i));
	for (unsigned i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	trace_writer_end();
	CHECK(!traced_told && trace_on());
}

/* Each event once; whose it is is told by its thread. */
static void assert_each_once(const struct traced *traced, uint64_t count)
{
	uint8_t *seen = calloc(count, 1);

	assert_non_null(seen);
	assert_int_equal(traced->events_count, count);
	for (size_t i = 0; i < traced->events_count; i++) {
		uint64_t number = traced->events[i].event->inode;

		assert_true(number < count && !seen[number]);
		seen[number] = 1;
	}
	free(seen);
}

static void test_trace_writer_takes_events_of_all_threads(void **state)
{
	const struct traced *traced;

	traced_play(*state, write_in_threads);
	traced = traced_assert(traced_path(*state, "trace"));
	assert_each_once(traced, THREADS * EACH);
	assert_int_equal(traced->discarded, 0);
	for (size_t i = 1; i < traced->events_count; i++)
		if (traced->events[i].event->inode / EACH ==
		    traced->events[i - 1].event->inode / EACH)
			assert_int_equal(traced->events[i].event->tid,
					 traced->events[i - 1].event->tid);
}

static void write_with_a_clock_set_back(const char *trace)
{
	struct trace_event event = { .id = TRACE_LOCK };

	CHECK(traced_start(trace));
	event.time = trace_now();
	trace_write(&event);
	event.time -= 1000000000;
	trace_write(&event);
	event.time += 2000000000;
	trace_write(&event);
}

static void test_trace_writer_lets_no_time_go_back(void **state)
{
	const struct traced *traced;

	traced_play(*state, write_with_a_clock_set_back);
	traced = traced_assert(traced_path(*state, "trace"));
	assert_int_equal(traced->events_count, 3);
	assert_true(traced->events[0].event->time == traced->events[1].event->time);
	assert_true(traced->events[2].event->time - traced->events[1].event->time == 1000000000);
}

static void name_things(const char *trace)
{
	static char text[6000];
	struct trace_event event = { .id = TRACE_LOCK };

	CHECK(traced_start(trace));
	CHECK(trace_name(TRACE_NAME_FILE, 1, 2, "/a") == 1);
	CHECK(trace_name(TRACE_NAME_FILE, 1, 2, "/a") == 1);
	CHECK(trace_name(TRACE_NAME_FILE, 1, 3, "/a") == 2);
	CHECK(trace_name(TRACE_NAME_RULE, 1, 2, "/a") == 3);
	CHECK(trace_name(TRACE_NAME_RULE, 1, 2, "") == 4);
	for (unsigned len = 1; len <= 17; len++) {
		memset(text, 'x', len);
		event.file = trace_name(TRACE_NAME_FILE, 7, len, text);
		event.inode = len;
		event.time = trace_now();
		trace_write(&event);
	}
	memset(text, 'y', sizeof text - 1);
	event.inode = 4095;
	event.file = trace_name(TRACE_NAME_FILE, 7, 0, text);
	event.time = trace_now();
	trace_write(&event);
}

static void test_trace_writer_names_things(void **state)
{
	const struct traced *traced;

	traced_play(*state, name_things);
	traced = traced_assert(traced_path(*state, "trace"));
	assert_int_equal(traced->names_count, 4 + 17 + 1);
	for (size_t i = 0; i < traced->events_count; i++) {
		const struct traced_event *at = &traced->events[i];
		const char *text = traced_text(traced, at, at->event->file);

		assert_int_equal(strlen(text), at->event->inode);
	}
	assert_int_equal(traced->names[0].name->device, 1);
	assert_int_equal(traced->names[0].name->inode, 2);
	assert_int_equal(traced->names[2].name->kind, TRACE_NAME_RULE);
}

static void write_number(char *to, unsigned number)
{
	for (unsigned i = 0; i < 5; i++, number /= 10)
		to[4 - i] = (char)('0' + number % 10);
}

/* What threads name at the same time is right, or 0. Every other text is one of few. */
static void *name_many(void *arg)
{
	struct trace_event event = { .id = TRACE_LOCK };
	unsigned seed = (unsigned)(uintptr_t)arg;
	char text[] = "/file/00000";

	for (unsigned named = 0; named < MANY;) {
		seed = seed * 1103515245 + 12345;
		event.inode = seed >> 16 & (named & 1 ? 15 : 8191);
		write_number(text + 6, (unsigned)event.inode);
		event.file = trace_name(TRACE_NAME_FILE, 0, 0, text);
		event.time = trace_now();
		if (!event.file)
			sched_yield();
		else if (named++ % 64 < 2)
			trace_write(&event);
	}
	return NULL;
}

static void name_in_threads(const char *trace)
{
	pthread_t threads[THREADS];

	CHECK(traced_start(trace));
	for (uintptr_t i = 0; i < THREADS; i++)
		CHECK(!pthread_create(&threads[i], NULL, name_many, (void *)(i + 1)));
	for (unsigned i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
}

static void test_trace_writer_names_many_things(void **state)
{
	const struct traced *traced;

	traced_play(*state, name_in_threads);
	traced = traced_assert(traced_path(*state, "trace"));
	assert_true(traced->events_count > 1000);
	assert_true(traced->names_count > 4096);
	for (size_t i = 0; i < traced->events_count; i++) {
		const struct traced_event *at = &traced->events[i];
		const char *text = traced_text(traced, at, at->event->file);

		assert_true(strtoul(text + 6, NULL, 10) == at->event->inode);
	}
}

static void end_and_go_on(const char *trace)
{
	CHECK(traced_start(trace));
	traced_write(0, 100);
	trace_writer_end();
	traced_write(100, 10);
	CHECK(trace_name(TRACE_NAME_FILE, 0, 0, "/late"));
	traced_write(110, 1000);
	trace_writer_end();
	trace_writer_end();
	traced_write(1110, 1);
}

static void test_trace_writer_gives_back_at_the_end(void **state)
{
	const struct traced *traced;

	traced_play(*state, end_and_go_on);
	traced = traced_assert(traced_path(*state, "trace"));
	assert_each_once(traced, 1111);
	assert_int_equal(traced->files, 3); /* one more came after the first end */
	assert_int_equal(traced->packets, 3);
	assert_true(traced->bytes < 400000);
}

static void fill_one(const char *trace)
{
	CHECK(traced_start_as(trace, 64 << 10, TRACE_FULL_STOP));
	traced_write(0, 5000);
	CHECK(trace_on() && traced_told == 1 && strstr(traced_why, "full"));
	trace_writer_end();
}

static void test_trace_writer_counts_what_has_no_room(void **state)
{
	const struct traced *traced;
	const size_t room = ((64 << 10) - sizeof(struct trace_head)) / sizeof(struct trace_event);

	traced_play(*state, fill_one);
	traced = traced_assert(traced_path(*state, "trace"));
	assert_each_once(traced, room);
	assert_int_equal(traced->discarded, 5000 - room);
}

static void turn_over(const char *trace)
{
	CHECK(traced_start_as(trace, 128 << 10, TRACE_FULL_OVERWRITE));
	traced_write(0, 100000);
	CHECK(trace_on() && !traced_told);
	trace_writer_end();
}

/* By its head a follower sees that a file began anew. */
static void assert_heads_begin(const struct traced *traced)
{
	for (size_t i = 0; i < traced->events_count; i++)
		if (!i || traced->events[i].head != traced->events[i - 1].head)
			assert_true(traced->events[i].head->begin == traced->events[i].event->time);
}

static void test_trace_writer_keeps_the_newest_in_flight(void **state)
{
	const struct traced *traced;
	const size_t half = ((64 << 10) - sizeof(struct trace_head)) / sizeof(struct trace_event);
	uint64_t first = UINT64_MAX, last = 0;

	traced_play(*state, turn_over);
	traced = traced_assert(traced_path(*state, "trace"));
	for (size_t i = 0; i < traced->events_count; i++) {
		uint64_t number = traced->events[i].event->inode;

		first = number < first ? number : first;
		last = number > last ? number : last;
	}
	assert_heads_begin(traced);
	assert_int_equal(last, 99999);
	assert_int_equal(last - first + 1, traced->events_count);
	assert_true(traced->events_count >= half && traced->events_count <= 2 * half);
	assert_true(traced->bytes <= 128 << 10);
	assert_int_equal(traced->discarded, 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		traced_test(test_trace_writer_keeps_every_field),
		traced_test(test_trace_writer_mixes_sizes),
		traced_test(test_trace_writer_mixes_sizes_on_old_kernels),
		traced_test(test_trace_writer_takes_events_of_all_threads),
		traced_test(test_trace_writer_lets_no_time_go_back),
		traced_test(test_trace_writer_names_things),
		traced_test(test_trace_writer_names_many_things),
		traced_test(test_trace_writer_gives_back_at_the_end),
		traced_test(test_trace_writer_counts_what_has_no_room),
		traced_test(test_trace_writer_keeps_the_newest_in_flight),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
