/* SPDX-License-Identifier: MIT
 * Times are microseconds with three decimals from the first record on: as a double, a viewer would
 * lose the nanoseconds of a date. */
#include "cli/perfetto_event.h"
#include "cli/cli.h"
#include "cli/json.h"
#include "cli/memory.h"

#include <err.h>
#include <inttypes.h>
#include <limits.h>

/* Lanes of holds get numbers that no thread has. */
enum { FIRST_LANE = 1 << 30, LANES_OF_A_THREAD = 64 };

struct process {
	struct cli_index_key key;
};

struct thread {
	struct cli_index_key key; /* process, tid */
	bool named;
	uint32_t lanes; /* of holds */
	struct perfetto_lane {
		uint64_t end;
		uint32_t number;
	} * lane;
};

void perfetto_head(struct perfetto *perfetto, const char *directory)
{
	fputs("{\"displayTimeUnit\":\"ns\",\"otherData\":{\"trace\":", perfetto->to);
	cli_json_put_text(perfetto->to, directory);
	fputs("},\"traceEvents\":[", perfetto->to);
}

int perfetto_foot(struct perfetto *perfetto, const char *file)
{
	bool wrong;

	fputs("\n]}\n", perfetto->to);
	wrong = ferror(perfetto->to);
	if (perfetto->to != stdout)
		wrong |= fclose(perfetto->to) != 0;
	if (wrong)
		warn("%s: write error", file);
	return wrong ? CLI_FAILED : CLI_OK;
}

const char *perfetto_microseconds(uint64_t nanoseconds)
{
	static char text[32];

	snprintf(text, sizeof(text), "%" PRIu64 ".%03" PRIu64, nanoseconds / 1000,
		 nanoseconds % 1000);
	return text;
}

void perfetto_begin(struct perfetto *perfetto, const char *phase, uint32_t pid, uint32_t lane,
		    uint64_t time)
{
	uint64_t since = time > perfetto->origin ? time - perfetto->origin : 0;

	fprintf(perfetto->to,
		"%s\n{\"ph\":\"%s\",\"pid\":%" PRIu32 ",\"tid\":%" PRIu32 ",\"ts\":%s",
		perfetto->follows ? "," : "", phase, pid, lane, perfetto_microseconds(since));
	perfetto->follows = true;
}

void perfetto_end(struct perfetto *perfetto)
{
	fputc('}', perfetto->to);
}

void perfetto_put_name(struct perfetto *perfetto, const char *what, const char *detail)
{
	char name[64 + PATH_MAX];

	snprintf(name, sizeof(name), "%s %s", what, detail);
	perfetto_put_text(perfetto, "name", name);
}

void perfetto_put_text(struct perfetto *perfetto, const char *key, const char *text)
{
	fprintf(perfetto->to, ",\"%s\":", key);
	cli_json_put_text(perfetto->to, text);
}

static void put_metadata(struct perfetto *perfetto, const char *what, uint32_t pid, uint32_t lane,
			 const char *name)
{
	perfetto_begin(perfetto, "M", pid, lane, 0);
	perfetto_put_text(perfetto, "name", what);
	fputs(",\"args\":{\"name\":", perfetto->to);
	cli_json_put_text(perfetto->to, name);
	fputs("}", perfetto->to);
	perfetto_end(perfetto);
}

void perfetto_meet(struct perfetto *perfetto, const struct trace_record *record)
{
	const struct trace_process *process = record->process;
	size_t known = perfetto->processes.count;

	if (!perfetto->origin)
		perfetto->origin = record->event.time;
	(void)cli_index_get(&perfetto->processes, (uintptr_t)process, 0, sizeof(struct process));
	if (perfetto->processes.count > known)
		put_metadata(perfetto, "process_name", process->pid, process->pid,
			     process->program);
}

static struct thread *thread_of(struct perfetto *perfetto, const struct cli_lock *lock)
{
	return cli_index_get(&perfetto->threads, (uintptr_t)lock->process, lock->tid,
			     sizeof(struct thread));
}

uint32_t perfetto_lane_of_thread(struct perfetto *perfetto, const struct cli_lock *lock)
{
	struct thread *thread = thread_of(perfetto, lock);

	if (!thread->named)
		put_metadata(perfetto, "thread_name", lock->process->pid, lock->tid, "calls");
	thread->named = true;
	return lock->tid;
}

static struct perfetto_lane *lane_add(struct perfetto *perfetto, const struct cli_lock *lock,
				      struct thread *thread)
{
	struct perfetto_lane *lane;

	if (!thread->lane)
		thread->lane = cli_memory_get(LANES_OF_A_THREAD * sizeof(*thread->lane));
	lane = &thread->lane[thread->lanes++];
	lane->number = FIRST_LANE + perfetto->lanes++;
	put_metadata(perfetto, "thread_name", lock->process->pid, lane->number,
		     cli_memory_format("locks of %" PRIu32, lock->tid));
	return lane;
}

/* Spans come in the order of their ends: a lane is free where its last one ended before. */
uint32_t perfetto_lane_of_hold(struct perfetto *perfetto, const struct cli_lock *lock, uint64_t end)
{
	struct thread *thread = thread_of(perfetto, lock);
	struct perfetto_lane *lane = NULL;

	for (uint32_t i = 0; i < thread->lanes && !lane; i++) {
		if (thread->lane[i].end <= lock->begin)
			lane = &thread->lane[i];
	}
	if (!lane && thread->lanes < LANES_OF_A_THREAD)
		lane = lane_add(perfetto, lock, thread);
	if (!lane)
		lane = &thread->lane[LANES_OF_A_THREAD - 1];
	if (lane->end < end)
		lane->end = end;
	return lane->number;
}

/* An arrow belongs to the span around it, which ends before its end. */
static void put_arrow(struct perfetto *perfetto, const char *phase, uint64_t arrow, uint32_t pid,
		      uint32_t lane, uint64_t end)
{
	perfetto_begin(perfetto, phase, pid, lane, end ? end - 1 : 0);
	fprintf(perfetto->to,
		",\"id\":%" PRIu64 ",\"cat\":\"hand-off\",\"name\":\"hand-off\",\"bp\":\"e\"",
		arrow);
	perfetto_end(perfetto);
}

void perfetto_flow_handed(struct perfetto *perfetto, const struct cli_hold *hold,
			  const struct cli_wait *wait, uint64_t granted)
{
	size_t place = hold->lock.number % PERFETTO_RECENT;
	const struct perfetto_recent *recent = &perfetto->recent[place];
	uint64_t arrow = ++perfetto->arrows;

	if (recent->number == hold->lock.number)
		put_arrow(perfetto, "s", arrow, recent->pid, recent->lane, recent->end);
	else
		perfetto->late[place] = (struct perfetto_arrow){ hold->lock.number, arrow };
	put_arrow(perfetto, "f", arrow, wait->lock.process->pid,
		  perfetto_lane_of_thread(perfetto, &wait->lock), granted);
}

void perfetto_flow_held(struct perfetto *perfetto, const struct cli_lock *lock, uint32_t lane,
			uint64_t end)
{
	size_t place = lock->number % PERFETTO_RECENT;
	struct perfetto_arrow *late = &perfetto->late[place];

	perfetto->recent[place] =
		(struct perfetto_recent){ lock->number, end, lock->process->pid, lane };
	if (late->number == lock->number)
		put_arrow(perfetto, "s", late->arrow, lock->process->pid, lane, end);
	late->number = 0;
}
