/* SPDX-License-Identifier: MIT
 * The names of a trace: each text once, and for each process the texts of its numbers. */
#ifndef LOCKSHIM_TRACE_READER_NAMES_H
#define LOCKSHIM_TRACE_READER_NAMES_H

#include "trace/reader_stream.h"

/* Texts by hash; they never move. */
struct reader_texts {
	struct reader_text **buckets;
	size_t size, count;
};

struct reader_names {
	struct reader_stream *stream; /* NULL: none was found */
	struct reader_number {
		uint32_t number;
		uint64_t device, inode; /* of a file */
		const char *text;
	} * numbers; /* in the order of the numbers */
	size_t count, room;
	uint64_t asked; /* common.fills when the stream was last read to its end */
};

/* TEXT's one copy, or NULL where there is no memory. */
const char *reader_texts_keep(struct reader_texts *texts, const char *text, size_t len);
void reader_texts_free(struct reader_texts *texts);

/* A number's name; NULL for 0 and where it is not known. Reads on in the stream for a number that
 * is new. Good until the next call. */
const struct reader_number *reader_names_find(struct reader_common *common,
					      struct reader_texts *texts,
					      struct reader_names *names, uint32_t number);

#endif
