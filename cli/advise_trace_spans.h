/* SPDX-License-Identifier: MIT
 * What only shows in who held when: flock beside record locks, and requests that nobody in the
 * trace stood in the way of. */
#ifndef CLI_ADVISE_TRACE_SPANS_H
#define CLI_ADVISE_TRACE_SPANS_H

#include "cli/holders.h"

enum { ADVISE_SPANS_PENDING = 16 };

struct advise_span_end {
	uint64_t end;
	uint32_t pid; /* 0: none */
	int32_t fd;
};

struct advise_refusal {
	uint64_t end; /* another's hold that began before is a cause */
	uint32_t pid;
	int32_t fd;
	bool exclusive;
};

/* Of one file. Zeroed: nothing was seen. */
struct advise_spans {
	/* The latest ends of flock and of record locks, shared and exclusive: of two processes. */
	struct advise_span_end ends[2][2][2];
	/* The same of flocks whose end is not known so well: when another's grant showed it. */
	struct advise_span_end let_go[2][2];
	/* Flocks that waited or were refused and have no cause yet, ADVISE_SPANS_PENDING at most:
	 * more are not looked at. NULL before the first. */
	struct advise_refusal *refusals;
	unsigned refusals_count;
	bool left_on; /* who took it last has ended, and others may have its description */
};

/* A flock that waited or was refused. Before the holders are given its record. */
void advise_spans_refused(struct advise_spans *spans, const struct trace_event *event);

/* A span of holding that is over. True where flock and a record lock of two processes were both
 * held in it, and as one family would not have been. */
bool advise_spans_held(struct advise_spans *spans, const struct cli_hold *hold, uint64_t end,
		       enum cli_held_end how);

#endif
