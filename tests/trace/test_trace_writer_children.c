/* SPDX-License-Identifier: MIT
 * A child has streams of its own, however it was made, and its parent's stay its parent's. */
#include "tests/trace/traced.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define CHILDREN 50
#define MANY 50000

static int fork_raw(void)
{
#ifdef __s390x__
	return (int)syscall(SYS_clone, 0, SIGCHLD, 0, 0, 0);
#else
	return (int)syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
#endif
}

static void write_and_leave(uint64_t number)
{
	traced_write(number, 1);
	_exit(0);
}

static void have_child(int (*make)(void), uint64_t number)
{
	int child = make();

	if (!child)
		write_and_leave(number);
	CHECK(!traced_wait(child));
}

static void fork_once(const char *trace)
{
	CHECK(traced_start(trace));
	CHECK(trace_name(TRACE_NAME_FILE, 0, 0, "/parent"));
	traced_write(0, 1);
	have_child(fork, 1);
	traced_write(2, 1);
}

static void fork_raw_once(const char *trace)
{
	CHECK(traced_start(trace));
	traced_write(0, 1);
	have_child(fork_raw, 1);
	traced_write(2, 1);
}

static void fork_before_any(const char *trace)
{
	CHECK(traced_start(trace));
	have_child(fork, 1);
	traced_write(0, 1);
	traced_write(2, 1);
}

/* Three events; number 1 by another process where the child could have one. */
static void assert_child(const char *directory, bool child_writes)
{
	const struct traced *traced = traced_assert(traced_path(directory, "trace"));
	const struct trace_head *of[3] = { NULL, NULL, NULL };

	assert_int_equal(traced->events_count, child_writes ? 3 : 2);
	for (size_t i = 0; i < traced->events_count; i++)
		of[traced->events[i].event->inode] = traced->events[i].head;
	assert_non_null(of[0]);
	assert_ptr_equal(of[0], of[2]);
	if (child_writes) {
		assert_true(of[0]->process != of[1]->process);
		assert_true(of[0]->pid != of[1]->pid);
	}
}

static void test_trace_writer_forked_child_has_its_own(void **state)
{
	traced_play(*state, fork_once);
	assert_child(*state, true);
}

static void test_trace_writer_forked_child_has_its_own_on_old_kernels(void **state)
{
	traced_play_on_old_kernel(*state, fork_once);
	assert_child(*state, true);
}

static void test_trace_writer_child_may_be_first(void **state)
{
	traced_play(*state, fork_before_any);
	assert_child(*state, true);
}

static void test_trace_writer_raw_child_has_its_own(void **state)
{
	if (!TRACED_PLAIN || traced_is_emulated())
		skip();
	traced_play(*state, fork_raw_once);
	assert_child(*state, true);
}

/* Nobody told of it: better no event than one in the parent's stream. */
static void test_trace_writer_raw_child_is_silent_on_old_kernels(void **state)
{
	if (!TRACED_PLAIN)
		skip();
	traced_play_on_old_kernel(*state, fork_raw_once);
	assert_child(*state, false);
}

static int write_as_guest(void *arg)
{
	traced_write((uint64_t)(uintptr_t)arg, 1);
	return 0;
}

static void share_memory(const char *trace)
{
	const size_t size = 256 << 10;
	char *stack = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int child;

	CHECK(stack != MAP_FAILED && traced_start(trace));
	traced_write(0, 1);
	child = clone(write_as_guest, stack + size, CLONE_VM | CLONE_VFORK | SIGCHLD, (void *)1);
	CHECK(!traced_wait(child));
	traced_write(2, 1);
}

static void test_trace_writer_vfork_child_writes_as_its_parent(void **state)
{
	const struct traced *traced;

	if (!TRACED_PLAIN || traced_is_emulated())
		skip();
	traced_play(*state, share_memory);
	traced = traced_assert(traced_path(*state, "trace"));
	assert_int_equal(traced->events_count, 3);
	for (unsigned i = 0; i < 3; i++) {
		assert_int_equal(traced->events[i].event->inode, i);
		assert_ptr_equal(traced->events[i].head, traced->events[0].head);
		assert_int_equal(traced->events[i].event->tid, traced->events[0].event->tid);
	}
}

static int stop;

static void *write_on(void *count)
{
	while (!__atomic_load_n(&stop, __ATOMIC_RELAXED)) {
		if (*(uint64_t *)count == MANY) {
			sched_yield();
			continue;
		}
		traced_write(0, 1);
		++*(uint64_t *)count;
	}
	return NULL;
}

static void fork_among_threads(const char *trace)
{
	uint64_t counts[2] = { 0, 0 };
	pthread_t threads[2];

	CHECK(traced_start(trace));
	for (unsigned i = 0; i < 2; i++)
		CHECK(!pthread_create(&threads[i], NULL, write_on, &counts[i]));
	for (unsigned i = 0; i < CHILDREN; i++) {
		have_child(i % 2 ? fork : fork_raw, 1);
		traced_write(2, 1);
	}
	__atomic_store_n(&stop, 1, __ATOMIC_RELAXED);
	for (unsigned i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
	traced_write(1000 + counts[0] + counts[1], 1);
	trace_writer_end();
}

static void test_trace_writer_forks_among_threads(void **state)
{
	const struct traced *traced;
	uint64_t of[3] = { 0, 0, 0 }, expected = 0;

	if (!TRACED_PLAIN || traced_is_emulated())
		skip();
	traced_play(*state, fork_among_threads);
	traced = traced_assert(traced_path(*state, "trace"));
	for (size_t i = 0; i < traced->events_count; i++) {
		uint64_t kind = traced->events[i].event->inode;

		if (kind < 3)
			of[kind]++;
		else
			expected = kind - 1000;
	}
	assert_int_equal(of[0], expected);
	assert_int_equal(of[1], CHILDREN);
	assert_int_equal(of[2], CHILDREN);
}

static void leave_for_another_program(const char *trace)
{
	CHECK(traced_start(trace));
	traced_write(0, 10);
	execl("/proc/self/exe", "test", "--after-exec", trace, (char *)NULL);
	CHECK(false);
}

static int come_from_another_program(const char *trace)
{
	CHECK(traced_start(trace));
	traced_write(10, 10);
	return 0;
}

static void test_trace_writer_begins_anew_after_exec(void **state)
{
	const struct traced *traced;

	if (traced_is_emulated())
		skip();
	traced_play(*state, leave_for_another_program);
	traced = traced_assert(traced_path(*state, "trace"));
	assert_int_equal(traced->events_count, 20);
	assert_int_equal(traced->files, 2);
	assert_int_equal(traced->events[0].head->pid, traced->events[19].head->pid);
	assert_true(traced->events[0].head->process != traced->events[19].head->process);
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
		traced_test(test_trace_writer_forked_child_has_its_own),
		traced_test(test_trace_writer_forked_child_has_its_own_on_old_kernels),
		traced_test(test_trace_writer_child_may_be_first),
		traced_test(test_trace_writer_raw_child_has_its_own),
		traced_test(test_trace_writer_raw_child_is_silent_on_old_kernels),
		traced_test(test_trace_writer_vfork_child_writes_as_its_parent),
		traced_test(test_trace_writer_forks_among_threads),
		traced_test(test_trace_writer_begins_anew_after_exec),
	};

	if (argc == 3 && !strcmp(argv[1], "--after-exec"))
		return come_from_another_program(argv[2]);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
