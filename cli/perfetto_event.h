/* SPDX-License-Identifier: MIT
 * The Trace Event Format: one event a line, lanes that viewers draw without overlap, and arrows. */
#ifndef CLI_PERFETTO_EVENT_H
#define CLI_PERFETTO_EVENT_H

#include <stdio.h>

#include "cli/holders.h"
#include "cli/index.h"

/* Arrows bind to spans that were written before, or will be soon: the latest of each. */
enum { PERFETTO_RECENT = 4096 };

struct perfetto_recent {
	uint64_t number, end; /* of a hold */
	uint32_t pid, lane;
};

struct perfetto_arrow {
	uint64_t number; /* the hold that it leaves from, not written yet */
	uint64_t arrow;
};

/* Zeroed, and then perfetto_head(). */
struct perfetto {
	FILE *to;
	bool follows;
	uint64_t origin;   /* the first record's time: times are from there on */
	uint64_t min_wait; /* shorter ones are left out */
	uint64_t arrows;
	uint32_t lanes;
	struct cli_index processes, threads;
	struct perfetto_recent recent[PERFETTO_RECENT];
	struct perfetto_arrow late[PERFETTO_RECENT];
};

void perfetto_head(struct perfetto *perfetto, const char *directory);

/* Closes the file. Returns the exit status, once said what went wrong with FILE. */
int perfetto_foot(struct perfetto *perfetto, const char *file);

/* Names the record's process; once for each record's, before anything else of it. */
void perfetto_meet(struct perfetto *perfetto, const struct trace_record *record);

/* An event's common members, without a closing brace. */
void perfetto_begin(struct perfetto *perfetto, const char *phase, uint32_t pid, uint32_t lane,
		    uint64_t time);
void perfetto_end(struct perfetto *perfetto);

/* ,"name":"WHAT DETAIL" */
void perfetto_put_name(struct perfetto *perfetto, const char *what, const char *detail);
/* ,"KEY":"TEXT" */
void perfetto_put_text(struct perfetto *perfetto, const char *key, const char *text);

/* In a buffer of its own. */
const char *perfetto_microseconds(uint64_t nanoseconds);

/* A lane of the lock's thread that is free from its begin to END. */
uint32_t perfetto_lane_of_hold(struct perfetto *perfetto, const struct cli_lock *lock,
			       uint64_t end);
/* The thread's own, for what follows each other. */
uint32_t perfetto_lane_of_thread(struct perfetto *perfetto, const struct cli_lock *lock);

/* An arrow from the end of a hold to the end of a wait. */
void perfetto_flow_handed(struct perfetto *perfetto, const struct cli_hold *hold,
			  const struct cli_wait *wait, uint64_t granted);

/* The hold was written on LANE: begins the arrow that was waiting for it. */
void perfetto_flow_held(struct perfetto *perfetto, const struct cli_lock *lock, uint32_t lane,
			uint64_t end);

#endif
