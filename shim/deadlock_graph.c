/* SPDX-License-Identifier: MIT
 * A process is stuck where each of its waits is for a lock of a stuck process: the largest such
 * set. */
#include "shim/deadlock_graph.h"

#include <errno.h>
#include <fcntl.h>

#include "policy/sys.h"

static bool meet(const struct state_wait *wait, const struct state_holding *held)
{
	return wait->device == held->device && wait->inode == held->inode &&
	       wait->start <= held->end && wait->end >= held->start &&
	       (wait->type == F_WRLCK || held->type == F_WRLCK);
}

/* What its own process holds through the same number is the same description's. */
static bool published_against(const struct sight *wait, const struct sight *holder)
{
	unsigned count = holder->is.count < STATE_HOLDINGS ? holder->is.count : STATE_HOLDINGS;
	unsigned i;

	for (i = 0; i < count; i++)
		if (meet(&wait->is, &holder->is.holdings[i]) &&
		    (wait->owner != holder->owner || wait->is.fd != holder->is.holdings[i].fd))
			return true;
	return false;
}

static bool same_process(const struct sight *one, const struct sight *other)
{
	return one->owner == other->owner && one->is.started == other->is.started;
}

/* All waits of the process of sight AT. False where there are too many processes. */
static bool add_process(struct deadlock_graph *graph, unsigned at)
{
	const struct sight *one = &graph->sights[at];
	unsigned place = graph->processes_count, i;

	if (place == GRAPH_PROCESSES)
		return false;
	graph->processes[place] = (struct graph_process){
		.pid = (int)one->owner,
		.started = one->is.started,
		.from = -1,
	};
	graph->processes_count++;
	for (i = 0; i < graph->sights_count; i++)
		if (same_process(&graph->sights[i], one))
			graph->sights[i].process = (int)place;
	return true;
}

/* The processes that wait AT is for; true where the first is one of them. */
static bool follow(struct deadlock_graph *graph, unsigned at, bool *ret_full)
{
	const struct sight *wait = &graph->sights[at];
	bool back = false;
	unsigned i;

	for (i = 0; i < graph->sights_count; i++) {
		const struct sight *holder = &graph->sights[i];

		if (holder->process > 0 || !published_against(wait, holder))
			continue;
		if (!holder->process)
			back = true;
		else if (!add_process(graph, i))
			*ret_full = true;
	}
	return back;
}

bool graph_reaches(struct deadlock_graph *graph)
{
	bool back = false, full = false;
	unsigned place, i;

	graph->processes_count = 0;
	for (i = 0; i < graph->sights_count; i++)
		graph->sights[i].process = -1;
	(void)add_process(graph, 0);
	for (place = 0; place < graph->processes_count; place++)
		for (i = 0; i < graph->sights_count; i++)
			if (graph->sights[i].process == (int)place)
				back = follow(graph, i, &full) || back;
	return back && !full;
}

#ifndef KCMP_FILE
#define KCMP_FILE 0
#endif

int graph_same_description(int pid, int fd, int other_pid, int other_fd)
{
#ifdef SYS_kcmp
	int saved = errno;
	long result = sys_result(syscall(SYS_kcmp, pid, other_pid, KCMP_FILE, (unsigned long)fd,
					 (unsigned long)other_fd),
				 saved);

	return result < 0 ? (int)result : result == 0;
#else
	(void)pid;
	(void)fd;
	(void)other_pid;
	(void)other_fd;
	return -ENOSYS;
#endif
}

/* A lock of the waiting description itself stands in no way; nor do a process's POSIX locks in the
 * way of its own. What can't be told does not count. */
static bool stands_against(const struct deadlock_graph *graph, const struct sight *wait,
			   const struct graph_process *holder, const struct held *held)
{
	const struct graph_process *waiter = &graph->processes[wait->process];

	if (held->loose || !meet(&wait->is, &held->is))
		return false;
	if (waiter == holder && (held->posix || held->is.fd == wait->is.fd))
		return false;
	if (held->posix || wait->mark != held->mark)
		return true;
	return graph_same_description(waiter->pid, wait->is.fd, holder->pid, held->is.fd) == 0;
}

static bool is_against(const struct deadlock_graph *graph, const struct sight *wait,
		       const struct graph_process *holder)
{
	unsigned i;

	for (i = 0; i < holder->count; i++)
		if (stands_against(graph, wait, holder, &graph->held[holder->first + i]))
			return true;
	return false;
}

static bool is_held_up(const struct deadlock_graph *graph, const struct sight *wait)
{
	unsigned i;

	for (i = 0; i < graph->processes_count; i++)
		if (graph->processes[i].stuck && is_against(graph, wait, &graph->processes[i]))
			return true;
	return false;
}

/* True where one that was taken for stuck is not. */
static bool free_some(struct deadlock_graph *graph)
{
	bool freed = false;
	unsigned i;

	for (i = 0; i < graph->sights_count; i++) {
		const struct sight *wait = &graph->sights[i];

		if (wait->process < 0 || !graph->processes[wait->process].stuck)
			continue;
		if (!wait->satisfied && is_held_up(graph, wait))
			continue;
		graph->processes[wait->process].stuck = false;
		freed = true;
	}
	return freed;
}

/* Whom this wait leads to that nothing led to before. */
static bool step_from(struct deadlock_graph *graph, unsigned at)
{
	const struct sight *wait = &graph->sights[at];
	struct graph_process *to;
	bool more = false;
	unsigned i;

	for (i = 0; i < graph->processes_count; i++) {
		to = &graph->processes[i];
		if (!to->stuck || to->from >= 0 || !is_against(graph, wait, to))
			continue;
		to->from = wait->process;
		to->through = (int)at;
		more = true;
	}
	return more;
}

/* Of the first process its first wait alone: that one yields. */
static bool leads_on(const struct deadlock_graph *graph, unsigned at)
{
	const int place = graph->sights[at].process;

	if (at == 0)
		return true;
	return place > 0 && graph->processes[place].stuck && graph->processes[place].from >= 0;
}

/* Until the first process is met again. */
static bool find_way_back(struct deadlock_graph *graph)
{
	bool more = true;
	unsigned i;

	for (i = 0; i < graph->processes_count; i++)
		graph->processes[i].from = -1;
	while (more && graph->processes[0].from < 0) {
		more = false;
		for (i = 0; i < graph->sights_count; i++)
			if (leads_on(graph, i))
				more = step_from(graph, i) || more;
	}
	return graph->processes[0].from >= 0;
}

bool graph_is_cycle(struct deadlock_graph *graph)
{
	while (free_some(graph))
		;
	return graph->processes[0].stuck && find_way_back(graph);
}
