/* SPDX-License-Identifier: MIT
 * Actors by their letters: the odd ones are the peer's, where there is one. */
#include "cli/probe_stage.h"
#include "cli/probe_peer.h"

#include <stdio.h>
#include <string.h>

void probe_stage_begin(struct probe_stage *stage, const struct probe_place *place, unsigned number)
{
	*stage = (struct probe_stage){ .place = place, .number = number };
	snprintf(stage->file, sizeof(stage->file), "%s%cfile-%u", place->scratch,
		 place->flat ? '-' : '/', number);
}

static void ask_peer(struct probe_stage *stage, int actor, const char *line,
		     char answer[PROBE_LINE_MAX])
{
	char text[PROBE_LINE_MAX];

	snprintf(text, sizeof(text), "%u %llu %d %s", stage->number,
		 (unsigned long long)stage->place->timeout, actor, line);
	probe_peer_ask(stage->place->peer, text, answer);
}

void probe_stage_ask(struct probe_stage *stage, int actor, const char *line,
		     char answer[PROBE_LINE_MAX])
{
	struct probe_seat *seat = &stage->seats[actor];

	if (stage->place->peer && actor % 2) {
		ask_peer(stage, actor, line, answer);
		return;
	}
	seat->settle = stage->place->settle;
	if (!seat->pid && !probe_seat_start(seat, stage->file))
		snprintf(answer, PROBE_LINE_MAX, PROBE_NO_PROCESS);
	else
		probe_seat_ask(seat, line, stage->place->timeout, answer);
}

void probe_stage_end(struct probe_stage *stage)
{
	for (int i = 0; i < PROBE_ACTORS; i++)
		probe_seat_end(&stage->seats[i]);
}
