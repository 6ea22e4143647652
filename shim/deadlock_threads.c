/* SPDX-License-Identifier: MIT
 * /proc/PID/task: the call that each thread is in, and how often it has run. */
#include "shim/deadlock_threads.h"

#include <signal.h>
#include <string.h>

#include "shim/deadlock_list.h"
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

/* Who polls has all signals held back meanwhile (deferred.c), but for two that can't be. A handler
 * that jumped out of it has not, nor who never was there. */
static bool polls(int pid, int thread, char *text)
{
	static const char name[] = "\nSigBlk:\t";
	const uint64_t all = ~((uint64_t)1 << (SIGKILL - 1) | (uint64_t)1 << (SIGSTOP - 1));
	char path[STATE_PATH_ROOM];
	const char *at;

	if (state_read(state_path(path, pid, "/task/", thread, "/status"), text, HELD_TEXT) <= 0)
		return false;
	at = strstr(text, name);
	return at && number_in(at + sizeof name - 1, 16) == all;
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
	if (sight->is.phase == DEADLOCK_POLLED && polls(look->pid, thread, look->graph->text))
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
void deadlock_drop_unseen(struct deadlock_graph *graph, int place)
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
static __attribute__((noinline)) bool all_wait(struct look *look)
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
		deadlock_drop_unseen(look->graph, look->place);
	return wait && listed;
}

bool deadlock_threads_wait(struct deadlock_graph *graph, int place, uint64_t *ret_activity,
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
