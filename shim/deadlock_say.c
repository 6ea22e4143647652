/* SPDX-License-Identifier: MIT
 * "PID waits for device D inode I held by PID, which waits for …": from the one that yields back to
 * it. */
#include "shim/deadlock_say.h"

#include <string.h>
#include <sys/sysmacros.h>

#include "shim/hazard.h"
#include "shim/say.h"

#define ROOM 300 /* say() cuts at 500, and has its own words before and behind */

static void add(char *line, const char *text)
{
	size_t used = strlen(line), len = strlen(text);

	if (used >= ROOM)
		return;
	memcpy(line + used, text, len + 1);
	if (used + len >= ROOM)
		strcpy(line + used + len, " …");
}

static void add_number(char *line, const char *before, uint64_t number)
{
	char digits[24];

	add(line, before);
	add(line, say_number(digits, number));
}

/* As st_dev has it. */
static uint64_t device_of(const struct state_wait *wait)
{
	return makedev((unsigned)(wait->device >> 32), (unsigned)wait->device);
}

/* `from` leads backwards, so the way is turned round first. */
static unsigned way_of(const struct deadlock_graph *graph, int way[GRAPH_PROCESSES])
{
	unsigned count = 0, i;
	int at = 0, swap;

	do {
		way[count++] = graph->processes[at].through;
		at = graph->processes[at].from;
	} while (at > 0 && count < GRAPH_PROCESSES);
	for (i = 0; i < count / 2; i++) {
		swap = way[i];
		way[i] = way[count - 1 - i];
		way[count - 1 - i] = swap;
	}
	return count;
}

void deadlock_say(struct deadlock_graph *graph)
{
	int way[GRAPH_PROCESSES];
	char *line = graph->text;
	const struct state_wait *wait = &graph->sights[0].is;
	unsigned count, i;

	if (!hazard_shown())
		return;
	count = way_of(graph, way);
	line[0] = '\0';
	for (i = 0; i < count && strlen(line) < ROOM; i++) {
		const struct sight *sight = &graph->sights[way[i]];

		add_number(line, i ? ", which waits for device " : "waits for device ",
			   device_of(&sight->is));
		add_number(line, " inode ", sight->is.inode);
		add_number(line, " held by ", graph->sights[way[(i + 1) % count]].owner);
	}
	hazard_met(HAZARD_DEADLOCK, device_of(wait), wait->inode, line);
}
