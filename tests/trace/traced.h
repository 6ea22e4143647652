/* SPDX-License-Identifier: MIT
 * What the tests of the writer share: a directory, scenarios in processes of their own, and a
 * reader that believes nothing. */
#ifndef TESTS_TRACE_TRACED_H
#define TESTS_TRACE_TRACED_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "trace/event.h"
#include "trace/writer.h"

#define TRACED_NOT_HERE 77 /* a scenario's answer where it can't be played */

#ifdef __SANITIZE_THREAD__ /* takes a raw clone for a thread of ours, delivers signals late */
#define TRACED_PLAIN 0
#else
#define TRACED_PLAIN 1
#endif

/* For processes without cmocka. */
#define CHECK(holds) traced_expect(!!(holds), __FILE__, __LINE__, #holds)
void traced_expect(bool holds, const char *file, int line, const char *text);

struct traced_event {
	const struct trace_head *head;
	const struct trace_event
		*event; /* of a brief one what is in front of its flags is the same */
	const struct trace_part *part; /* NULL: not brief; of a brief one only `brief` is there */
	uint32_t stream;
};

struct traced_name {
	const struct trace_head *head;
	const struct trace_name *name;
	const char *text;
};

/* All of a directory. Events are in the order of their streams. */
struct traced {
	struct traced_map *maps;
	struct traced_event *events;
	struct traced_name *names;
	size_t events_count, names_count, files, packets, processes;
	uint64_t discarded;
	uint64_t bytes; /* of all files, as they call themselves */
};

/* Checks every stream: heads, sizes, times, names. NULL where something is wrong, which is said.
 * Lives until it is freed. */
const struct traced *traced_read(const char *directory);
void traced_free(const struct traced *traced);

/* The text of a number in that event's process; NULL: none. */
const char *traced_text(const struct traced *traced, const struct traced_event *event,
			uint32_t number);

/* Records that babeltrace2 prints without a complaint; -1: it is not here,
 * -2: it complained. */
long traced_by_babeltrace(const char *directory);

/* Read by both, or the test fails. */
const struct traced *traced_assert(const char *directory);

/* A directory of the test's own, removed at its end: setup and teardown, in *state. */
int traced_make_directory(void **state);
int traced_remove_directory(void **state);
#define traced_test(test)                                                                          \
	cmocka_unit_test_setup_teardown(test, traced_make_directory, traced_remove_directory)

/* Plays SCENARIO in a child, with a trace to be: DIRECTORY/trace. Asserts that it returned. */
void traced_play(const char *directory, void (*scenario)(const char *trace));

/* Plays it once more where the kernel has no MADV_POPULATE_WRITE and MADV_WIPEONFORK. */
void traced_play_on_old_kernel(const char *directory, void (*scenario)(const char *trace));

/* Path in DIRECTORY, in one of four buffers. */
const char *traced_path(const char *directory, const char *name);

/* What the writer told: how often, and last. */
extern unsigned traced_told;
extern const char *traced_why;

/* Starts the writer in this process. */
bool traced_start(const char *trace);
bool traced_start_as(const char *trace, uint64_t bytes, enum trace_full full);

/* Writes COUNT events, inode 0 and up from FIRST. */
void traced_write(uint64_t first, uint64_t count);

/* Ends the calling process at once where what is asked for isn't there. */
void traced_skip_unless(bool can);

/* An emulator's program: it has no raw clones, and no advice is heeded. */
bool traced_is_emulated(void);

/* The status of a child that left by itself. */
int traced_wait(int child);

#endif
