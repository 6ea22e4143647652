/* SPDX-License-Identifier: MIT
 * killed RUNS: each run kills a process that writes as fast as it can. A counter in shared memory
 * says how many events it had written; so many must be in the trace, and read to its end. */
#include "tests/trace/traced.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define THREADS 4
#define SAMPLES 20 /* read by babeltrace2 too */
#define AHEAD                                                                                      \
	200000 /* events of a thread, beyond what it is to be killed at; they fit into a stream */

/* How a run's process writes. */
struct manner {
	unsigned threads;
	bool overwrite; /* a flight recorder of few events */
	bool ends;      /* gives back what is not used, again and again */
	bool names;
	uint64_t target; /* killed once it has written so many */
};

struct counters {
	struct {
		_Alignas(64) uint64_t count;
	} of[THREADS];
};

static struct counters *counters;
static struct manner manner;
static uint64_t seed;

static uint64_t random_below(uint64_t limit)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed % limit;
}

static void *write_on(void *number)
{
	uint64_t *count = &counters->of[(uintptr_t)number].count;
	struct trace_event event = { .id = TRACE_LOCK, .device = (uintptr_t)number };
	char name[16] = "/file/........";

	for (uint64_t i = 0;; i++) {
		event.inode = i;
		if (manner.names && i % 8 == 0) {
			memcpy(name + 6, &(uint64_t){ (i & 0x0f0f0f0f) * 3 + 0x3030303030303030 },
			       8);
			event.file = trace_name(TRACE_NAME_FILE, 0, 0, name);
		}
		event.time = trace_now();
		trace_write(&event);
		__atomic_store_n(count, i + 1, __ATOMIC_RELEASE);
		if (manner.ends && i % 64 == 63)
			trace_writer_end();
		while (i == manner.target + AHEAD) /* whoever is to kill it gets no processor */
			pause();
	}
	return NULL;
}

static void be_killed(const char *trace)
{
	pthread_t thread;
	int favour = nice(10); /* to the one that kills: on few processors it has to come to run */
	bool good = favour != -1 &&
		    traced_start_as(trace, manner.overwrite ? 64 << 10 : 0,
				    manner.overwrite ? TRACE_FULL_OVERWRITE : TRACE_FULL_STOP);

	for (uintptr_t i = 1; good && i < manner.threads; i++)
		good = !pthread_create(&thread, NULL, write_on, (void *)i);
	if (good)
		write_on(NULL);
	_exit(1);
}

static uint64_t written(void)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < THREADS; i++)
		sum += __atomic_load_n(&counters->of[i].count, __ATOMIC_ACQUIRE);
	return sum;
}

/* False where the process ended by itself. */
static bool kill_one(const char *trace)
{
	int child, status = 0;

	memset(counters, 0, sizeof *counters);
	child = fork();
	if (!child)
		be_killed(trace);
	while (written() < manner.target && !waitpid(child, &status, WNOHANG))
		sched_yield();
	/* Also between two events. */
	for (uint64_t i = random_below(100000); i; i--)
		__asm__ volatile("");
	kill(child, SIGKILL);
	if (!status)
		waitpid(child, &status, 0);
	return child > 0 && WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
}

static void choose_manner(unsigned run)
{
	manner = (struct manner){
		.threads = 1 + (unsigned)random_below(THREADS),
		.overwrite = run % 4 == 1,
		.ends = run % 4 == 2,
		.names = run % 2,
		.target = random_below(run % 3 ? 4000 : 20),
	};
}

/* Every event that was counted, and at most one more; of a flight recorder the newest. */
static bool is_whole(const struct traced *traced)
{
	uint64_t next[THREADS] = { 0 }, seen[THREADS] = { 0 };

	for (size_t i = 0; i < traced->events_count; i++) {
		const struct trace_event *event = traced->events[i].event;

		if (event->device >= THREADS)
			return false;
		seen[event->device]++;
		if (event->inode >= next[event->device])
			next[event->device] = event->inode + 1;
	}
	for (unsigned i = 0; i < THREADS; i++) {
		uint64_t count = counters->of[i].count;

		if (next[i] < count || next[i] > count + 1 ||
		    (!manner.overwrite && seen[i] != next[i]))
			return false;
	}
	return !traced->discarded;
}

/* Killed before the directory or its metadata were made: then nothing was counted. */
static bool look_at(const char *trace, bool sample)
{
	const struct traced *traced;
	bool whole;

	if (access(trace, F_OK))
		return !written();
	traced = traced_read(trace);
	whole = traced && is_whole(traced);
	if (whole && sample && traced->files)
		whole = traced_by_babeltrace(trace) ==
			(long)(traced->events_count + traced->names_count);
	traced_free(traced);
	return whole;
}

static int run_all(unsigned runs)
{
	const bool babeltrace = !system("command -v babeltrace2 >/dev/null");
	uint64_t events = 0;
	void *directory = NULL;

	for (unsigned run = 0; run < runs; run++) {
		if (traced_make_directory(&directory))
			return 1;
		choose_manner(run);
		if (!kill_one(traced_path(directory, "trace")) ||
		    !look_at(traced_path(directory, "trace"),
			     babeltrace && run % (runs / SAMPLES + 1) == 0)) {
			printf("run %u: see %s (%u threads%s%s, killed at %ju)\n", run,
			       (char *)directory, manner.threads,
			       manner.overwrite ? ", flight recorder" : "",
			       manner.ends ? ", ends" : "", (uintmax_t)manner.target);
			return 1;
		}
		events += written();
		traced_remove_directory(&directory);
	}
	printf("%u killed, %ju events, none missing\n", runs, (uintmax_t)events);
	return 0;
}

int main(int argc, char **argv)
{
	seed = argc > 2 ? strtoull(argv[2], NULL, 0) : (uint64_t)time(NULL) * 2654435761u | 1;
	counters = mmap(NULL, sizeof *counters, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
			-1, 0);
	if (argc < 2 || counters == MAP_FAILED)
		return 2;
	printf("seed %ju\n", (uintmax_t)seed);
	return run_all((unsigned)atoi(argv[1]));
}
