/* SPDX-License-Identifier: MIT
 * Who finds its stream busy takes another: signal handlers, threads beyond the streams, threads of
 * a process that can make no more of them. */
#include "tests/trace/traced.h"

#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

#define SIGNALS 3000
#define ROOM (64 << 20) /* for all of MOST, wherever they are written */
#define MOST 500000
#define CROWD 200
#define PARTY 8
#define EACH 2000
#define NAMES 500 /* of a thread */

static volatile uint64_t handled;

static void write_in_handler(int number)
{
	(void)number;
	traced_write(1, 1);
	handled++;
}

static void set_alarm(void (*handler)(int))
{
	const struct itimerval often = { { 0, 30 }, { 0, 30 } };
	struct sigaction action = { .sa_handler = handler, .sa_flags = SA_RESTART };

	CHECK(!sigaction(SIGALRM, &action, NULL));
	CHECK(!setitimer(ITIMER_REAL, &often, NULL));
}

static void end_alarm(void)
{
	const struct itimerval never = { { 0, 0 }, { 0, 0 } };

	CHECK(!setitimer(ITIMER_REAL, &never, NULL));
}

/* Event 2 tells how many there must be of each kind. How often a timer strikes is the machine's:
 * where it is seldom, the last ones find nobody writing. */
static void write_through_signals(const char *trace)
{
	struct trace_event sums = { .id = TRACE_LOCK, .inode = 2 };

	CHECK(traced_start_as(trace, ROOM, TRACE_FULL_STOP));
	set_alarm(write_in_handler);
	while (handled < SIGNALS) {
		if (sums.device == MOST)
			continue;
		traced_write(0, 1);
		sums.device++;
	}
	end_alarm();
	sums.start = (int64_t)handled;
	sums.time = trace_now();
	trace_write(&sums);
}

static void assert_sums(const char *directory)
{
	const struct traced *traced = traced_assert(traced_path(directory, "trace"));
	uint64_t of[3] = { 0, 0, 0 }, own = 0, handlers = 0;

	for (size_t i = 0; i < traced->events_count; i++) {
		const struct trace_event *event = traced->events[i].event;

		of[event->inode]++;
		if (event->inode == 2) {
			own = event->device;
			handlers = (uint64_t)event->start;
		}
	}
	assert_int_equal(of[2], 1);
	assert_int_equal(of[0], own);
	assert_int_equal(of[1], handlers);
	assert_int_equal(traced->discarded, 0);
}

static void test_trace_writer_handlers_write_in_the_midst(void **state)
{
	traced_play(*state, write_through_signals);
	assert_sums(*state);
}

static void test_trace_writer_handlers_write_on_old_kernels(void **state)
{
	traced_play_on_old_kernel(*state, write_through_signals);
	assert_sums(*state);
}

static sigjmp_buf out;

static void jump_out(int number)
{
	(void)number;
	handled++;
	siglongjmp(out, 1);
}

/* A stream whose writer jumped away from it stays behind: the thread takes another, till none is
 * left, and lives on. */
static void jump_out_of_writes(const char *trace)
{
	CHECK(traced_start_as(trace, ROOM / 16, TRACE_FULL_STOP));
	traced_write(0, 1);
	sigsetjmp(out, 1);
	if (!handled)
		set_alarm(jump_out);
	while (handled < SIGNALS)
		traced_write(0, 100);
	end_alarm();
	CHECK(trace_on());
}

static void test_trace_writer_survives_jumps_out(void **state)
{
	if (!TRACED_PLAIN)
		skip();
	traced_play(*state, jump_out_of_writes);
	assert_true(traced_assert(traced_path(*state, "trace"))->events_count > 0);
}

static pthread_barrier_t together;

static void *write_in_crowd(void *arg)
{
	traced_write((uintptr_t)arg * EACH, 1);
	pthread_barrier_wait(&together);
	traced_write((uintptr_t)arg * EACH + 1, EACH / 10 - 1);
	return NULL;
}

static void play_in_crowd(unsigned count)
{
	pthread_t threads[CROWD];
	pthread_attr_t small;

	CHECK(!pthread_attr_init(&small) && !pthread_attr_setstacksize(&small, 128 << 10));
	CHECK(!pthread_barrier_init(&together, NULL, count));
	for (uintptr_t i = 0; i < count; i++)
		CHECK(!pthread_create(&threads[i], &small, write_in_crowd, (void *)i));
	for (unsigned i = 0; i < count; i++)
		pthread_join(threads[i], NULL);
}

static void come_in_crowds(const char *trace)
{
	CHECK(traced_start(trace));
	play_in_crowd(CROWD);
	trace_writer_end();
}

static void test_trace_writer_has_room_for_many_threads(void **state)
{
	const struct traced *traced;

	traced_play(*state, come_in_crowds);
	traced = traced_assert(traced_path(*state, "trace"));
	assert_int_equal(traced->events_count + traced->discarded, CROWD * EACH / 10);
	assert_true(traced->discarded < CROWD * EACH / 1000);
	assert_true(traced->files <= 64);
}

static void *write_once(void *arg)
{
	traced_write((uintptr_t)arg, 1);
	return NULL;
}

static void come_one_by_one(const char *trace)
{
	pthread_t thread;

	CHECK(traced_start(trace));
	for (uintptr_t i = 0; i < CROWD; i++) {
		CHECK(!pthread_create(&thread, NULL, write_once, (void *)i));
		pthread_join(thread, NULL);
	}
}

static void test_trace_writer_streams_of_threads_gone_are_used_again(void **state)
{
	const struct traced *traced;

	traced_play(*state, come_one_by_one);
	traced = traced_assert(traced_path(*state, "trace"));
	assert_int_equal(traced->events_count, CROWD);
	assert_true(traced->files < 10); /* a thread joined may not be gone yet */
}

/* As after chroot. */
static void hide(const char *trace)
{
	char away[512];

	strcpy(away, trace);
	strcat(away, ".away");
	CHECK(!rename(trace, away));
}

static void share_one(const char *trace)
{
	CHECK(traced_start(trace));
	trace_prepare();
	hide(trace);
	play_in_crowd(PARTY);
	CHECK(trace_on() && !traced_told);
	CHECK(trace_name(TRACE_NAME_FILE, 0, 0, "/named"));
	trace_writer_end();
}

static void test_trace_writer_threads_share_what_there_is(void **state)
{
	const struct traced *traced;

	traced_play(*state, share_one);
	traced = traced_assert(traced_path(*state, "trace.away"));
	assert_int_equal(traced->events_count + traced->discarded, PARTY * EACH / 10);
	assert_int_equal(traced->files, 2);
	assert_true(traced->discarded < PARTY * EACH / 100);
}

static pthread_barrier_t begun;
static unsigned nameless;

static void *name_own(void *number)
{
	char text[64];
	unsigned i;

	(void)pthread_barrier_wait(&begun);
	for (i = 0; i < NAMES; i++) {
		snprintf(text, sizeof text, "/%u/%u", (unsigned)(uintptr_t)number, i);
		if (!trace_name(TRACE_NAME_FILE, 1, i, text))
			__atomic_fetch_add(&nameless, 1, __ATOMIC_RELAXED);
	}
	return NULL;
}

/* One of them makes the stream of names, the others wait for that. */
static void name_at_once(const char *trace)
{
	pthread_t threads[PARTY];

	CHECK(traced_start(trace));
	CHECK(!pthread_barrier_init(&begun, NULL, PARTY));
	for (uintptr_t i = 0; i < PARTY; i++)
		CHECK(!pthread_create(&threads[i], NULL, name_own, (void *)i));
	for (unsigned i = 0; i < PARTY; i++)
		CHECK(!pthread_join(threads[i], NULL));
	CHECK(nameless < PARTY * NAMES * 3 / 8);
}

static void test_trace_writer_threads_wait_for_names(void **state)
{
	traced_play(*state, name_at_once);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		traced_test(test_trace_writer_handlers_write_in_the_midst),
		traced_test(test_trace_writer_handlers_write_on_old_kernels),
		traced_test(test_trace_writer_survives_jumps_out),
		traced_test(test_trace_writer_has_room_for_many_threads),
		traced_test(test_trace_writer_streams_of_threads_gone_are_used_again),
		traced_test(test_trace_writer_threads_share_what_there_is),
		traced_test(test_trace_writer_threads_wait_for_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
