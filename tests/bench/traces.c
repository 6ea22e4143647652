/* SPDX-License-Identifier: MIT
 * What a worker's trace holds, by the heads of its streams. A full trace costs less than one that
 * is written. */
#include "bench.h"
#include "trace/event.h"

#include <fcntl.h>
#include <ftw.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static uint64_t events, discarded;

static size_t record_size(uint32_t id)
{
	if (id == TRACE_BRIEF_LOCK || id == TRACE_BRIEF_RELEASE)
		return sizeof(struct trace_brief);
	return id == TRACE_PART_LOCK || id == TRACE_PART_RELEASE ? sizeof(struct trace_part)
								 : sizeof(struct trace_event);
}

static uint64_t count_records(int fd, size_t size)
{
	char *map = mmap(NULL, size, PROT_READ, MAP_PRIVATE, fd, 0);
	size_t at = sizeof(struct trace_head);
	uint64_t count = 0;
	uint8_t id;

	if (map == MAP_FAILED)
		return 0;
	for (; at + sizeof(struct trace_brief) <= size; count++) {
		memcpy(&id, map + at + offsetof(struct trace_event, id), sizeof(id));
		at += record_size(id);
	}
	munmap(map, size);
	return count;
}

static int add_stream(const char *path, const struct stat *status, int type, struct FTW *where)
{
	struct trace_head head;
	int fd = type == FTW_F ? open(path, O_RDONLY | O_CLOEXEC) : -1;

	(void)status;
	(void)where;
	if (fd < 0)
		return 0;
	if (pread(fd, &head, sizeof(head), 0) == sizeof(head) && head.magic == TRACE_MAGIC &&
	    head.stream == TRACE_STREAM_EVENTS) {
		events += count_records(fd, (size_t)head.content / 8);
		discarded += head.discarded;
	}
	close(fd);
	return 0;
}

static int compare(struct bench_worker *worker)
{
	const uint64_t half = BENCH_RING_BYTES / 2 / sizeof(struct trace_event) - 2;
	uint64_t least = 1, most = worker->calls;

	if (bench_setups[worker->setup].tracing == TRACING_ALL)
		least = worker->calls;
	if (bench_setups[worker->setup].tracing == TRACING_LATEST)
		least = worker->calls < half ? worker->calls : half;
	if (bench_setups[worker->setup].tracing == TRACING_REFUSED)
		most = 1;
	if (events >= least && events <= most && !discarded)
		return 0;
	return worker_give_up(worker,
			      "its trace has %" PRIu64 " events of %" PRIu64 " calls, and %" PRIu64
			      " found no room",
			      events, worker->calls, discarded);
}

int trace_check(struct bench_worker *worker)
{
	char *dir = place_trace(worker->place, worker->setup);
	int result = 0;

	if (!dir)
		return 0;
	events = discarded = 0;
	(void)nftw(dir, add_stream, 16, FTW_PHYS);
	if (!*worker->problem)
		result = compare(worker);
	place_remove_tree(dir);
	free(dir);
	return result;
}
