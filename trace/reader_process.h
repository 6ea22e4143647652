/* SPDX-License-Identifier: MIT
 * The processes of a trace, each with its names. */
#ifndef LOCKSHIM_TRACE_READER_PROCESS_H
#define LOCKSHIM_TRACE_READER_PROCESS_H

#include "trace/reader_names.h"

struct reader_process {
	struct trace_process facts;
	struct reader_names names;
	struct reader_process *in_bucket;
};

struct reader_processes {
	struct reader_process **buckets;
	size_t size, count;
};

/* The process that a head is of; a new one where need be. NULL: no memory. */
struct reader_process *reader_process_find(struct reader_processes *processes,
					   const struct trace_head *head);

void reader_processes_free(struct reader_processes *processes);

#endif
