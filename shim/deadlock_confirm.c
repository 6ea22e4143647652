/* SPDX-License-Identifier: MIT
 * No snapshot is to be had of several processes. But threads that have not run between two looks
 * did nothing in between, so what was read in between is one. */
#include "shim/deadlock_confirm.h"

#include <errno.h>
#include <string.h>

#include "policy/sys.h"
#include "shim/deadlock_list.h"
#include "shim/deadlock_sharer.h"
#include "shim/state_record.h"

static uint64_t number_in(const char *at, unsigned base)
{
	uint64_t number = 0;
	unsigned digit;

	for (;; at++) {
		if (*at >= '0' && *at <= '9')
			digit = (unsigned)(*at - '0');
		else if (base == 16 && *at >= 'a' && *at <= 'f')
			digit = (unsigned)(*at - 'a') + 10;
		else
			return number;
		number = number * base + digit;
	}
}

/* Machines differ in what they call the old ones, and 64-bit kernels name 32-bit programs' as those
 * do. */
static bool is_lock_command(uint64_t command)
{
	return command == F_SETLKW || command == 7 || command == 14 || command == 38;
}

/* "72 0x4 0x26 0x7ffc… …": the call, and what it was given. */
static bool is_lock_call(const char *text, int fd)
{
	const char *first = strstr(text, " 0x");
	const char *second = first ? strstr(first + 3, " 0x") : NULL;

	return *text >= '0' && *text <= '9' && second && number_in(first + 3, 16) == (uint64_t)fd &&
	       is_lock_command(number_in(second + 3, 16));
}

/* The first can be closed to us where the second is not (Yama). */
static bool in_lock_call(int pid, int thread, int fd)
{
	static const char *const places[] = { "setlk", "posix_lock", "lock_file_wait",
					      "lock_inode_wait" };
	char path[STATE_PATH_ROOM], text[256];
	size_t i;

	if (state_read(state_path(path, pid, "/task/", thread, "/syscall"), text, sizeof text) > 0)
		return is_lock_call(text, fd);
	if (state_read(state_path(path, pid, "/task/", thread, "/wchan"), text, sizeof text) <= 0)
		return false;
	for (i = 0; i < sizeof places / sizeof places[0]; i++)
		if (strstr(text, places[i]))
			return true;
	return false;
}

static uint64_t mixed_in(uint64_t mark, uint64_t number)
{
	return ((mark ^ number) * 0x9e3779b97f4a7c15u) ^ mark >> 29;
}

/* "voluntary_ctxt_switches:\t17", and the nonvoluntary ones. */
static bool count_switches(int pid, int thread, char *text, uint64_t *ret_activity)
{
	static const char *const names[] = { "\nvoluntary_ctxt_switches:\t",
					     "\nnonvoluntary_ctxt_switches:\t" };
	char path[STATE_PATH_ROOM];
	const char *at;
	size_t i;

	if (state_read(state_path(path, pid, "/task/", thread, "/status"), text, HELD_TEXT) <= 0)
		return false;
	for (i = 0; i < sizeof names / sizeof names[0]; i++) {
		at = strstr(text, names[i]);
		if (!at)
			return false;
		*ret_activity = mixed_in(*ret_activity, number_in(at + strlen(names[i]), 10));
	}
	return true;
}

static char state_of_thread(int pid, int thread)
{
	char path[STATE_PATH_ROOM];
	struct state_stat stat;

	if (!state_stat(state_path(path, pid, "/task/", thread, "/stat"), &stat))
		return 'X';
	return stat.state;
}

/* A look at the threads of one process. */
struct look {
	struct deadlock_graph *graph;
	int place, pid;
	uint64_t activity;
	bool absent; /* a thread is not where its published wait is */
};

static bool sleeps_there(struct look *look, const struct sight *sight)
{
	const int thread = sight->is.thread;

	look->activity = mixed_in(look->activity, (uint64_t)thread);
	if (sight->is.phase == DEADLOCK_POLLED)
		return true;
	if (state_of_thread(look->pid, thread) == 'S' &&
	    in_lock_call(look->pid, thread, sight->is.fd) &&
	    count_switches(look->pid, thread, look->graph->text, &look->activity))
		return true;
	look->absent = true;
	return false;
}

/* One without a published wait may do anything, unless it is dead. */
static bool thread_waits(struct look *look, int thread)
{
	struct deadlock_graph *graph = look->graph;
	bool published = false, sleeps = true;
	unsigned i;
	char state;

	for (i = 0; i < graph->sights_count; i++) {
		if (graph->sights[i].process != look->place || graph->sights[i].is.thread != thread)
			continue;
		published = true;
		graph->sights[i].seen = true;
		sleeps = sleeps_there(look, &graph->sights[i]) && sleeps;
	}
	if (published)
		return sleeps;
	state = state_of_thread(look->pid, thread);
	return state == 'Z' || state == 'X';
}

/* What a dead thread left. */
static void drop_unseen(struct deadlock_graph *graph, int place)
{
	unsigned i;

	for (i = 0; i < graph->sights_count; i++) {
		struct sight *sight = &graph->sights[i];

		if (sight->process != place || sight->seen)
			continue;
		if (state_sequence(sight->record) == sight->sequence)
			state_free(sight->record, sight->owner);
		sight->process = -1;
	}
}

/* The list is no snapshot either: where one ends while it is read, another may be missing. */
static bool is_whole(int pid, unsigned threads)
{
	char path[STATE_PATH_ROOM];
	struct state_stat stat;

	return state_stat(state_path(path, pid, "/stat", -1, NULL), &stat) &&
	       stat.threads == threads;
}

/* All of them are asked, so that it is known which are gone. */
static bool all_wait(struct look *look)
{
	char path[STATE_PATH_ROOM];
	struct deadlock_list list;
	bool listed = !deadlock_list_open(&list, state_path(path, look->pid, "/task", -1, NULL));
	unsigned threads = 0;
	bool wait = listed;
	int thread;

	while (listed && (thread = deadlock_list_next(&list)) >= 0) {
		wait = thread_waits(look, thread) && wait;
		threads++;
	}
	listed = listed && list.size >= 0 && is_whole(look->pid, threads);
	deadlock_list_close(&list);
	if (listed)
		drop_unseen(look->graph, look->place);
	return wait && listed;
}

static bool look_at_threads(struct deadlock_graph *graph, int place, uint64_t *ret_activity,
			    bool *ret_absent)
{
	struct look look = { .graph = graph, .place = place, .pid = graph->processes[place].pid };
	unsigned i;
	bool wait;

	for (i = 0; i < graph->sights_count; i++)
		graph->sights[i].seen = false;
	wait = all_wait(&look);
	*ret_activity = look.activity;
	*ret_absent = *ret_absent || look.absent;
	return wait;
}

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
		drop_unseen(graph, place);
		return;
	}
	memcpy(process->name, stat.name, sizeof process->name);
	if (!look_at_threads(graph, place, &process->activity, ret_absent))
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

/* None of them ran meanwhile, and none published anything else. */
static bool stood_still(struct deadlock_graph *graph)
{
	bool absent = false;
	uint64_t activity;
	unsigned i;

	for (i = 0; i < graph->processes_count; i++)
		if (graph->processes[i].stuck &&
		    (!look_at_threads(graph, (int)i, &activity, &absent) ||
		     activity != graph->processes[i].activity))
			return false;
	for (i = 0; i < graph->sights_count; i++) {
		const struct sight *sight = &graph->sights[i];

		if (sight->process >= 0 && graph->processes[sight->process].stuck &&
		    (state_sequence(sight->record) != sight->sequence ||
		     state_owner(sight->record) != sight->owner))
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
