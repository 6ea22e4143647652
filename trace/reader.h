/* SPDX-License-Identifier: MIT
 * Reads a trace directory: all records of all streams in the order of their times. For the command:
 * may allocate, keeps descriptors. Never trusts what it reads. */
#ifndef LOCKSHIM_TRACE_READER_H
#define LOCKSHIM_TRACE_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "trace/event.h"

/* One process of the trace. Lives as long as the reader. */
struct trace_process {
	uint64_t process; /* trace_head.process */
	uint64_t started;
	uint32_t pid, uid;
	uint32_t word;
	char program[48];
	uint32_t number; /* 0 and up, in the order of discovery: an index for the caller's tables */
	void *user;      /* the caller's */
};

struct trace_record {
	struct trace_event event;
	struct trace_process *process;
	const char *file, *rule, *module; /* texts of the event's numbers; NULL: not known. Live as
					     long as the reader; equal texts are one pointer */
};

/* What is wrong with a stream; reading goes on with the others. */
struct trace_damage {
	const char *file; /* its path */
	const char *what; /* one phrase: "its head is of layout 7, this is for layout 1" */
};

struct trace_reader;

/* Opens DIRECTORY, and the directories named by a user's number in it. 0, or -errno with *err
 * telling file and reason where there is no trace to read at all. DAMAGED (may be NULL) is told of
 * each stream that is passed over or read in part. */
int trace_reader_open(struct trace_reader **ret, const char *directory,
		      void (*damaged)(const struct trace_damage *damage, void *context),
		      void *context, struct trace_damage *err);

/* The next record by time, over all streams: 1; 0: there is none now. */
int trace_reader_next(struct trace_reader *reader, struct trace_record *ret);

/* Looks for new streams, and in those that have nothing left to give out for records behind: for
 * --follow, in turn with trace_reader_next() until it has none. Records that come in after later
 * ones of other streams were given out are given out late. 0 or -errno. */
int trace_reader_refresh(struct trace_reader *reader);

/* Bytes of records in all streams, and how many of them were given out: for a progress bar. */
void trace_reader_progress(const struct trace_reader *reader, uint64_t *ret_all,
			   uint64_t *ret_done);

/* Events that the writers found no room for. */
uint64_t trace_reader_discarded(const struct trace_reader *reader);

/* True once the process's streams say that it ended, or /proc no longer has it (same pid and later
 * start): it holds nothing any more. Only meaningful on the host that was traced. */
bool trace_process_is_gone(const struct trace_process *process);

void trace_reader_close(struct trace_reader *reader);

#endif
