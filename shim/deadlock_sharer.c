/* SPDX-License-Identifier: MIT
 * Every fdinfo there is: only for a cycle that would stay for ever. */
#include "shim/deadlock_sharer.h"

#include <errno.h>
#include <string.h>

#include "shim/deadlock_list.h"
#include "shim/state_process.h"

static bool is_stuck(const struct deadlock_graph *graph, int pid)
{
	unsigned i;

	for (i = 0; i < graph->processes_count; i++)
		if (graph->processes[i].stuck && graph->processes[i].pid == pid)
			return true;
	return false;
}

/* A write lock is shown by one description alone. Of several that show the same read locks the
 * kernel has to tell; where it does not, they are one. */
static void loosen_shared(struct deadlock_graph *graph, int pid, int fd, uint64_t mark,
			  bool exclusive)
{
	unsigned i, k;

	for (i = 0; i < graph->processes_count; i++) {
		const struct graph_process *process = &graph->processes[i];

		for (k = process->first; process->stuck && k < process->first + process->count;
		     k++) {
			struct held *held = &graph->held[k];

			if (held->posix || held->loose || held->mark != mark)
				continue;
			held->loose = exclusive ||
				      graph_same_description(pid, fd, process->pid, held->is.fd);
		}
	}
}

static void loosen_all(struct deadlock_graph *graph, const struct graph_process *process)
{
	unsigned k;

	for (k = process->first; k < process->first + process->count; k++)
		if (!graph->held[k].posix)
			graph->held[k].loose = true;
}

#define GENERATIONS 64

static __attribute__((noinline)) void loosen_related(struct deadlock_graph *graph, int pid)
{
	char path[STATE_PATH_ROOM];
	struct state_stat stat;
	unsigned generation, i;
	int ancestor = pid;

	for (generation = 0; generation < GENERATIONS && ancestor > 1; generation++) {
		if (!state_stat(state_path(path, ancestor, "/stat", -1, NULL), &stat))
			return;
		for (i = 0; i < graph->processes_count; i++) {
			const struct graph_process *process = &graph->processes[i];

			if (process->stuck && (process->pid == ancestor ||
					       (!generation && !strcmp(process->name, stat.name))))
				loosen_all(graph, process);
		}
		ancestor = stat.parent;
	}
}

static bool is_closed_to_us(int error)
{
	return error == -EACCES || error == -EPERM;
}

/* One descriptor after the other: 0, or -errno where they are not to be read. */
static int loosen_by_list(struct deadlock_graph *graph, int pid, struct deadlock_list *list)
{
	bool exclusive;
	uint64_t mark;
	int fd, error;

	while ((fd = deadlock_list_next(list)) >= 0) {
		mark = held_mark(pid, fd, graph->text, &exclusive, &error);
		if (is_closed_to_us(error))
			return error;
		if (mark)
			loosen_shared(graph, pid, fd, mark, exclusive);
	}
	return list->size < 0 ? (int)list->size : 0;
}

static __attribute__((noinline)) void loosen_by(struct deadlock_graph *graph, int pid)
{
	char path[STATE_PATH_ROOM];
	struct deadlock_list list;
	int error = deadlock_list_open(&list, state_path(path, pid, "/fdinfo", -1, NULL));

	if (!error)
		error = loosen_by_list(graph, pid, &list);
	deadlock_list_close(&list);
	if (is_closed_to_us(error))
		loosen_related(graph, pid);
}

bool deadlock_loosen(struct deadlock_graph *graph)
{
	struct deadlock_list list;
	bool told = !deadlock_list_open(&list, "/proc");
	int pid;

	while (told && (pid = deadlock_list_next(&list)) >= 0)
		if (!is_stuck(graph, pid))
			loosen_by(graph, pid);
	told = told && list.size >= 0;
	deadlock_list_close(&list);
	return told;
}
