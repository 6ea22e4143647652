/* SPDX-License-Identifier: MIT
 * Processes by their number in the trace; and by /proc, whether one is still there. */
#include "trace/reader_process.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define SECOND 1000000000u
#define SLACK ((uint64_t)2 * SECOND) /* the clock may have been set a little since */

static size_t hash_of(uint64_t process, uint32_t pid)
{
	return (size_t)((process ^ pid) * 0x9e3779b97f4a7c15u >> 32);
}

static bool grow(struct reader_processes *processes)
{
	size_t size = processes->size ? processes->size * 2 : 64;
	struct reader_process **buckets = calloc(size, sizeof(struct reader_process *));

	if (!buckets)
		return processes->size;
	for (size_t i = 0; i < processes->size; i++) {
		for (struct reader_process *at = processes->buckets[i], *next; at; at = next) {
			size_t to = hash_of(at->facts.process, at->facts.pid) % size;

			next = at->in_bucket;
			at->in_bucket = buckets[to];
			buckets[to] = at;
		}
	}
	free(processes->buckets);
	processes->buckets = buckets;
	processes->size = size;
	return true;
}

static struct reader_process *add(struct reader_processes *processes, const struct trace_head *head)
{
	struct reader_process *process, **bucket;

	if (processes->count >= processes->size && !grow(processes))
		return NULL;
	process = calloc(1, sizeof(*process));
	if (!process)
		return NULL;
	process->facts = (struct trace_process){
		.process = head->process,
		.started = head->started,
		.pid = head->pid,
		.uid = head->uid,
		.word = head->word,
		.number = (uint32_t)processes->count++,
	};
	memcpy(process->facts.program, head->program, sizeof(process->facts.program));
	bucket = &processes->buckets[hash_of(head->process, head->pid) % processes->size];
	process->in_bucket = *bucket;
	*bucket = process;
	return process;
}

struct reader_process *reader_process_find(struct reader_processes *processes,
					   const struct trace_head *head)
{
	struct reader_process *at = NULL;

	if (processes->size)
		at = processes->buckets[hash_of(head->process, head->pid) % processes->size];
	while (at && (at->facts.process != head->process || at->facts.pid != head->pid))
		at = at->in_bucket;
	return at ? at : add(processes, head);
}

void reader_processes_free(struct reader_processes *processes)
{
	for (size_t i = 0; i < processes->size; i++) {
		for (struct reader_process *at = processes->buckets[i], *next; at; at = next) {
			next = at->in_bucket;
			free(at->names.numbers);
			free(at);
		}
	}
	free(processes->buckets);
}

#define STATE_TO_START 19 /* fields, proc(5) */

/* What stands behind the program's name, which may hold anything. */
static bool parse_stat(const char *text, char *ret_state, uint64_t *ret_ticks)
{
	const char *at = strrchr(text, ')');

	if (!at || at[1] != ' ')
		return false;
	at += 2;
	*ret_state = *at;
	for (int i = 0; at && i < STATE_TO_START; i++) {
		at = strchr(at, ' ');
		at = at ? at + 1 : NULL;
	}
	*ret_ticks = at ? strtoull(at, NULL, 10) : 0;
	return at;
}

static bool read_stat(uint32_t pid, char *ret_state, uint64_t *ret_ticks)
{
	char path[32], text[1024];
	ssize_t got;
	int fd;

	snprintf(path, sizeof(path), "/proc/%" PRIu32 "/stat", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	got = read(fd, text, sizeof(text) - 1);
	close(fd);
	if (got <= 0)
		return false;
	text[got] = '\0';
	return parse_stat(text, ret_state, ret_ticks);
}

static uint64_t nanoseconds(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (uint64_t)now.tv_sec * SECOND + (uint64_t)now.tv_nsec;
}

bool trace_process_is_gone(const struct trace_process *process)
{
	uint64_t boot = nanoseconds(CLOCK_REALTIME) - nanoseconds(CLOCK_BOOTTIME);
	uint64_t ticks;
	char state;

	if (access("/proc/self/stat", F_OK))
		return false;
	if (!read_stat(process->pid, &state, &ticks) || state == 'Z' || state == 'X')
		return true;
	return boot + ticks * (SECOND / (uint64_t)sysconf(_SC_CLK_TCK)) > process->started + SLACK;
}
