/* SPDX-License-Identifier: MIT
 * One process at one file: counts what it does there for its program. */
#ifndef CLI_ADVISE_TRACE_SEAT_H
#define CLI_ADVISE_TRACE_SEAT_H

#include "cli/advise_trace_facts.h"
#include "cli/advise_trace_spans.h"
#include "cli/index.h"

/* A file with what is only needed while records come. */
struct advise_place {
	struct cli_index_key key;
	struct advise_file file;
	struct advise_spans spans;
	uint32_t flocker, recorder; /* the first process of each; 0: none yet */
	uint32_t upgrader;
	int32_t upgrader_fd;
	uint32_t sharer; /* had the last OFD lock by a description that others may have */
	uint64_t shared_from;
};

struct advise_seat {
	struct cli_index_key key;
	struct advise_place *file;
	struct advise_use *use;
	unsigned families;         /* enum trace_family, asked for so far */
	bool flocked;              /* was granted one */
	int32_t record_fd, ofd_fd; /* of the last that was granted, where it may be held; -1 */
	int32_t dropped_fd;        /* a close let go of what was taken through it; -1 */
};

void advise_seat_take(struct advise_seat *seat, const struct trace_event *event);

#endif
