/* SPDX-License-Identifier: MIT
 * No snapshot is to be had of several processes. But threads that have not run between two looks
 * did nothing in between, so what was read in between is one. */
#include "shim/deadlock_confirm.h"

#include <fcntl.h>
#include <string.h>

#include "shim/deadlock_sharer.h"
#include "shim/deadlock_threads.h"
#include "shim/state_record.h"

/* What its waits are made through, and whether one has what it asks for: granted, and not told of
 * it yet. */
static void compare(struct deadlock_graph *graph, int place)
{
	const struct graph_process *process = &graph->processes[place];
	unsigned i, k;

	for (i = 0; i < graph->sights_count; i++) {
		struct sight *sight = &graph->sights[i];

		if (sight->process != place)
			continue;
		for (k = 0; k < process->count; k++) {
			const struct held *held = &graph->held[process->first + k];

			if (held->is.fd != sight->is.fd || held->posix)
				continue;
			sight->mark = held->mark;
			if (held->is.start <= sight->is.start && held->is.end >= sight->is.end &&
			    (held->is.type == F_WRLCK || sight->is.type == F_RDLCK))
				sight->satisfied = true;
		}
	}
}

static void gather(struct deadlock_graph *graph, int place, bool *ret_absent)
{
	struct graph_process *process = &graph->processes[place];
	char path[STATE_PATH_ROOM];
	struct state_stat stat;
	int count;

	if (!state_stat(state_path(path, process->pid, "/stat", -1, NULL), &stat) ||
	    stat.started != process->started) {
		for (unsigned i = 0; i < graph->sights_count; i++)
			graph->sights[i].seen = false;
		deadlock_drop_unseen(graph, place);
		return;
	}
	memcpy(process->name, stat.name, sizeof process->name);
	if (!deadlock_threads_wait(graph, place, &process->activity, ret_absent))
		return;
	count = held_read(&graph->held[graph->held_count], GRAPH_HELD - graph->held_count,
			  process->pid, graph->text);
	if (count < 0)
		return;
	process->first = graph->held_count;
	process->count = (unsigned)count;
	graph->held_count += (unsigned)count;
	compare(graph, place);
	process->stuck = true;
}

/* Who shared a description may have let go of it before it was looked at, and after we were. */
static bool holds_still(struct deadlock_graph *graph, const struct graph_process *process)
{
	const struct held *before = &graph->held[process->first];
	struct held *now = &graph->held[graph->held_count];
	unsigned i;

	if (held_read(now, GRAPH_HELD - graph->held_count, process->pid, graph->text) !=
	    (int)process->count)
		return false;
	for (i = 0; i < process->count; i++)
		if (memcmp(&now[i].is, &before[i].is, sizeof now[i].is) != 0 ||
		    now[i].mark != before[i].mark)
			return false;
	return true;
}

static bool stands(const struct sight *sight)
{
	return state_sequence(sight->record) == sight->sequence &&
	       state_owner(sight->record) == sight->owner;
}

/* None of them ran meanwhile, lost what it held, or published anything else. */
static bool stood_still(struct deadlock_graph *graph)
{
	bool absent = false;
	uint64_t activity;
	unsigned i;

	for (i = 0; i < graph->processes_count; i++) {
		const struct graph_process *process = &graph->processes[i];

		if (process->stuck && (!holds_still(graph, process) ||
				       !deadlock_threads_wait(graph, (int)i, &activity, &absent) ||
				       activity != process->activity))
			return false;
	}
	for (i = 0; i < graph->sights_count; i++) {
		const struct sight *sight = &graph->sights[i];

		if (sight->process >= 0 && graph->processes[sight->process].stuck && !stands(sight))
			return false;
	}
	return true;
}

static unsigned count_stuck(const struct deadlock_graph *graph)
{
	unsigned i, count = 0;

	for (i = 0; i < graph->processes_count; i++)
		count += graph->processes[i].stuck;
	return count;
}

/* Who is found not to be stuck after all could let go of what it shares. */
static bool is_cycle_of_its_own(struct deadlock_graph *graph)
{
	unsigned before;

	if (!graph_is_cycle(graph))
		return false;
	do {
		before = count_stuck(graph);
		if (!deadlock_loosen(graph) || !graph_is_cycle(graph))
			return false;
	} while (count_stuck(graph) != before);
	return true;
}

bool deadlock_confirm(struct deadlock_graph *graph, bool *ret_absent)
{
	unsigned i;

	*ret_absent = false;
	graph->held_count = 0;
	for (i = 0; i < graph->processes_count; i++)
		gather(graph, (int)i, ret_absent);
	return is_cycle_of_its_own(graph) && stood_still(graph);
}
