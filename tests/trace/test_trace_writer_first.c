/* SPDX-License-Identifier: MIT
 * A handler forks before and behind each system call of a process's first event in turn, and both
 * go on: with the directory, its description and the streams half made. */
#include "tests/trace/traced.h"
#include "trace/metadata.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <ucontext.h>
#include <unistd.h>

#define MORE 3              /* events behind the first, of both */
#define ENOUGH 15           /* system calls */
#define SMALL 32768         /* bytes of a flight recorder with two files */
#define TURNS 144           /* events that go into the first, but for one */
#define TURNING 3           /* and some more */
#ifdef __SANITIZE_ADDRESS__ /* has some ten times as many instructions to stop behind */
#define STRIDE 5
#else
#define STRIDE 1
#endif
#define OVER 3 /* a scenario's answer: there were no more calls */

#ifdef __x86_64__
#define TRAP 0x100 /* the flag that brings SIGTRAP behind each instruction */

static int place; /* two of each call: before, behind */
static int at;
static int forked = -1; /* 0: we are the child */

static bool is_call(const unsigned char *instruction)
{
	return instruction[0] == 0x0f && instruction[1] == 0x05;
}

/* By libc, and past it. Two of three children record something before they go on. */
static void step(int number, siginfo_t *unused, void *context)
{
	greg_t *registers = ((ucontext_t *)context)->uc_mcontext.gregs;
	const unsigned char *next = (const unsigned char *)registers[REG_RIP];

	(void)number;
	(void)unused;
	at += is_call(next) || is_call(next - 2);
	if (at <= place)
		return;
	registers[REG_EFL] &= ~(greg_t)TRAP;
	if (forked == -1)
		forked = place & 2 ? fork() : (int)syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
	if (!forked && place % 3)
		traced_write(9, 1);
}

static void trap(bool on)
{
	if (on)
		__asm__ volatile("pushfq; orq $0x100,(%%rsp); popfq" ::: "memory", "cc");
	else
		__asm__ volatile("pushfq; andq $~0x100,(%%rsp); popfq" ::: "memory", "cc");
}

/* A file's name is the first of the names' stream. */
static void fork_in_the_midst(unsigned events)
{
	struct sigaction action = { .sa_sigaction = step, .sa_flags = SA_SIGINFO };

	CHECK(!sigaction(SIGTRAP, &action, NULL));
	trap(true);
	traced_write(0, events);
	(void)trace_name(TRACE_NAME_FILE, 1, 0, "/first");
	trap(false);
	if (forked == -1)
		_exit(OVER);
	traced_write(1, MORE);
	(void)trace_name(TRACE_NAME_FILE, 1, 1, "/more");
	CHECK(!traced_told);
	if (forked)
		CHECK(!traced_wait(forked));
}

static void fork_in_the_first(const char *trace)
{
	CHECK(traced_start(trace));
	fork_in_the_midst(1);
}

static void fork_in_a_turn(const char *trace)
{
	CHECK(traced_start_as(trace, SMALL, TRACE_FULL_OVERWRITE));
	traced_write(0, TURNS);
	fork_in_the_midst(TURNING);
}
/* As it was written by one: babeltrace2 takes it no other way. */
static void assert_metadata(const char *directory)
{
	char path[256], text[16384];
	size_t size;
	FILE *file;

	snprintf(path, sizeof path, "%s/metadata", directory);
	file = fopen(path, "re");
	assert_non_null(file);
	size = fread(text, 1, sizeof text - 1, file);
	fclose(file);
	text[size] = '\0';
	assert_string_equal(text, trace_metadata);
}

static void assert_all(const struct traced *traced)
{
	assert_in_range(traced->events_count + traced->discarded, 1 + 2 * MORE, 3 + 2 * MORE);
	assert_true(traced->discarded <= 1); /* the child's half of the first, and that is told */
	assert_in_range(traced->names_count, 3, 4);
}

static void assert_some(const struct traced *traced)
{
	assert_true(traced->events_count >= 2 * MORE);
	assert_true(traced->discarded <= 1);
}

/* False where there were no more calls. */
static bool fork_at(const char *trace, void (*scenario)(const char *trace),
		    void (*check)(const struct traced *traced))
{
	const struct traced *traced;
	int status;
	pid_t pid;

	fflush(NULL);
	pid = fork();
	if (!pid) {
		scenario(trace);
		_exit(0);
	}
	status = traced_wait(pid);
	if (status == OVER)
		return false;
	assert_int_equal(status, 0);
	assert_metadata(trace);
	traced = traced_assert(trace);
	check(traced);
	traced_free(traced);
	return true;
}

static void fork_everywhere(const char *directory, void (*scenario)(const char *trace),
			    void (*check)(const struct traced *traced))
{
	char name[24];

	place = -STRIDE;
	do {
		place += STRIDE;
		snprintf(name, sizeof name, "trace%d", place);
	} while (fork_at(traced_path(directory, name), scenario, check));
	assert_true(place > 2 * ENOUGH);
}
#endif

static void test_trace_writer_first_is_forked(void **state)
{
#ifdef __x86_64__
	if (!TRACED_PLAIN)
		skip();
	fork_everywhere(*state, fork_in_the_first, assert_all);
#else
	(void)state;
	skip();
#endif
}

static void test_trace_writer_turn_is_forked(void **state)
{
#ifdef __x86_64__
	if (!TRACED_PLAIN)
		skip();
	fork_everywhere(*state, fork_in_a_turn, assert_some);
#else
	(void)state;
	skip();
#endif
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		traced_test(test_trace_writer_first_is_forked),
		traced_test(test_trace_writer_turn_is_forked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
