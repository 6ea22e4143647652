/* SPDX-License-Identifier: MIT
 * The actors of one case and the file they are about. Some may be on another host. */
#ifndef CLI_PROBE_STAGE_H
#define CLI_PROBE_STAGE_H

#include "cli/probe_seat.h"

#define PROBE_ACTORS 5 /* named A, B, ... */

struct probe_peer;

/* Where it is all done. */
struct probe_place {
	const char *scratch; /* our own directory in the one that is probed */
	bool flat;           /* there can be none: what its files' names begin with */
	uint64_t timeout;    /* ns: after that a call hangs */
	uint64_t patience;   /* ns: how late the grant of one that waits may be heard of */
	int settle; /* ms: who sleeps that long waits for a lock; a server may have a call sleep too
		     */
	struct probe_peer *peer; /* NULL: one host */
	unsigned files;          /* made so far */
};

struct probe_stage {
	const struct probe_place *place;
	unsigned number; /* of its file */
	char file[4096];
	struct probe_seat seats[PROBE_ACTORS];
};

/* NUMBER names the file, which is made by whoever opens it first. */
void probe_stage_begin(struct probe_stage *stage, const struct probe_place *place, unsigned number);

/* As probe_seat_ask(); an actor is started when it is first asked. With a peer B and D are there.
 */
void probe_stage_ask(struct probe_stage *stage, int actor, const char *line,
		     char answer[PROBE_LINE_MAX]);

/* Ends all actors of this host. */
void probe_stage_end(struct probe_stage *stage);

#endif
