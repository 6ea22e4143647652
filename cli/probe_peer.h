/* SPDX-License-Identifier: MIT
 * Two probes, on two hosts perhaps, that talk through files in a directory that both see. */
#ifndef CLI_PROBE_PEER_H
#define CLI_PROBE_PEER_H

#include "cli/probe_stage.h"

struct probe_peer {
	const char *scratch;
	uint64_t patience; /* ns: longer than the other side needs for an answer */
	unsigned asked;
};

/* The side that made the directory waits for the other. False where nobody came, said. */
bool probe_peer_meet(struct probe_peer *peer);

/* Has the other side's stage do "NUMBER TIMEOUT ACTOR LINE". PROBE_GONE where it does not answer.
 */
void probe_peer_ask(struct probe_peer *peer, const char *text, char answer[PROBE_LINE_MAX]);

/* Lets the other side go. */
void probe_peer_leave(struct probe_peer *peer);

/* The other side: does what it is told until it is let go. Returns an exit status. */
int probe_peer_serve(struct probe_place *place, struct probe_peer *peer);

#endif
