/* SPDX-License-Identifier: MIT
 * The spans that a page will show, in bounded memory: where they are too many, those that nobody
 * waited for are merged, and what is left out is counted. */
#ifndef CLI_HTML_SPANS_H
#define CLI_HTML_SPANS_H

#include <stdbool.h>

#include "cli/holders.h"
#include "cli/html_set.h"

/* As the page has them (data.js): of a hold how it ended, of a wait, and points in time. */
enum cli_html_state {
	CLI_HTML_HELD = CLI_HELD_RELEASED, /* and on, as enum cli_held_end */
	CLI_HTML_WAITED = 5,               /* and on, as enum cli_wait_end */
	CLI_HTML_ERROR = 10,
	CLI_HTML_QUERY,
	CLI_HTML_HAZARD,
};

#define CLI_HTML_NONE UINT32_MAX

/* What a record says but for who and when. Of one kind there are few, of spans many. */
struct cli_html_call {
	const char *file, *rule, *module;
	uint64_t device, inode, offset;
	int64_t start, length;
	uint32_t flags, hazards;
	int32_t fd, error;
	uint8_t call, operation, asked, used;
	uint8_t unused[4];
};

struct cli_html_lane {
	const struct trace_process *process;
	uint64_t tid;
};

struct cli_html_span {
	uint64_t number;     /* as cli_lock.number; 0: a point */
	uint64_t begin, end; /* ns of CLOCK_REALTIME */
	uint64_t held;    /* of merged ones: the time of all; of a wait: how many holders it had */
	uint64_t longest; /* of merged ones */
	uint32_t lane, call; /* numbers in the sets */
	uint32_t release;    /* number of the call that let go, or CLI_HTML_NONE */
	uint32_t calls;      /* above 1: so many were merged */
	uint8_t state;       /* enum cli_html_state */
	bool contended;      /* waited, or was waited for */
	bool bystander;      /* shown only where a span waited for it */
	int32_t blocker;     /* of a wait: the process in the way, which is not traced; or 0 */
};

struct cli_html_edge {
	uint64_t wait, hold; /* cli_lock.number */
	bool handed;         /* the lock went from one to the other */
};

struct cli_html_spans {
	struct cli_html_span *spans;
	size_t count, room;
	struct cli_html_edge *edges;
	size_t edges_count, edges_room;
	struct cli_html_set calls, lanes; /* struct cli_html_call, struct cli_html_lane */
	size_t most;                      /* spans; more are thinned to half of it */
	uint64_t kept;                    /* ns: what was contended so long is not merged */
	uint64_t dropped;                 /* calls that are in no span */
};

void cli_html_spans_init(struct cli_html_spans *store, size_t most);

/* SPAN without the numbers of its calls. RELEASE may be NULL. */
void cli_html_spans_add(struct cli_html_spans *store, const struct cli_html_span *span,
			const struct cli_html_call *call, const struct cli_html_call *release);

/* With the span of the wait. */
void cli_html_spans_edge(struct cli_html_spans *store, uint64_t wait, uint64_t hold, bool handed);

/* html_thin.c: leaves at most TARGET spans. First merges what nobody waited for, lane by lane and
 * file by file, into as short spans as will do; then the shortest of what was contended; and drops
 * only where that is still too much. */
void cli_html_thin(struct cli_html_spans *store, size_t target);

#endif
