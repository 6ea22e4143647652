/* SPDX-License-Identifier: MIT
 * What the parts of the reader share. */
#ifndef LOCKSHIM_TRACE_READER_PARTS_H
#define LOCKSHIM_TRACE_READER_PARTS_H

#include "trace/reader_process.h"

#include <time.h>

/* A directory that is looked through for streams. */
struct reader_place {
	struct reader_place *next;
	struct timespec changed; /* its time when it was last looked through */
	bool settled;            /* that time was long past: the next change will move it */
	bool told;
	char path[];
};

struct trace_reader {
	struct reader_common common;
	struct reader_texts texts;
	struct reader_place *places;
	/* By their paths, to find out which are new; and all, in the order they were found. */
	struct reader_stream **stream_buckets, **streams;
	size_t buckets_size, streams_count, streams_room;
	struct reader_processes processes;
	struct reader_stream **heap; /* has room for all streams */
	size_t heap_count;
	unsigned refreshes;
};

/* Looks at DIRECTORY from now on. 0 or -ENOMEM. */
int reader_directory_start(struct trace_reader *reader, const char *directory);

/* Looks through the directories for streams that are new. 0 or -ENOMEM. */
int reader_directory_look(struct trace_reader *reader);

void reader_directory_free(struct trace_reader *reader);

#endif
