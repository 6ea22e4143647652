/* SPDX-License-Identifier: MIT
 * A trace directory as the library leaves one, written from records that a test made up. */
#ifndef TEST_TRACE_FILES_H
#define TEST_TRACE_FILES_H

#include <stdbool.h>

#include "trace/event.h"

/* Whose record it is. A process is new where pid, program or life is; a stream, where tid or part
 * is too. */
struct trace_owner {
	uint32_t pid, tid, uid, word;
	uint32_t life, part;
	char program[48];
};

struct trace_file;

/* Makes the directory (0700) with its metadata; MORE: it may be there, and what it has of the same
 * processes is written anew. These end the program where something fails. */
void trace_files_begin(const char *directory, bool more);

/* The stream of events of an owner; made by the first call. Lives to the end. */
struct trace_file *trace_files_stream(const struct trace_owner *owner);

/* The number of a text in the stream's process. */
uint32_t trace_files_name(struct trace_file *stream, enum trace_name_kind kind,
			  const struct trace_event *event, const char *text);

/* Appends. As the library does, a time earlier than the last in the stream becomes that one. */
void trace_files_add(struct trace_file *stream, const struct trace_event *event);

void trace_files_discard(struct trace_file *stream, uint64_t events);

/* Writes what is left, with a packet longer than its content, as a killed process leaves it. */
void trace_files_end(void);

#endif
