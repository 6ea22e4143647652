/* SPDX-License-Identifier: MIT
 * A thread waits from its TRACE_WAIT to its next record: a thread that waits does nothing else. */
#include "cli/trace_pending.h"
#include "cli/memory.h"
#include "cli/trace_print.h"

#include <stdlib.h>

struct thread {
	struct cli_index_key key;
	bool waits;
	struct trace_record record;
};

void cli_pending_take(struct cli_pending *pending, const struct trace_record *record, bool wanted)
{
	const uint64_t process = record->process->number, tid = record->event.tid;
	struct thread *thread;

	if (record->event.id == TRACE_WAIT && wanted)
		thread = cli_index_get(&pending->threads, process, tid, sizeof(*thread));
	else
		thread = cli_index_find(&pending->threads, process, tid);
	if (!thread)
		return;
	thread->waits = record->event.id == TRACE_WAIT && wanted;
	thread->record = *record;
}

static int by_time(const void *one, const void *other)
{
	const struct thread *const *a = one, *const *b = other;
	const uint64_t at = (*a)->record.event.time, bt = (*b)->record.event.time;

	return (at > bt) - (at < bt);
}

void cli_pending_print(const struct cli_pending *pending)
{
	const struct thread **waiting =
		cli_memory_get((pending->threads.count + 1) * sizeof(*waiting));
	struct thread *thread;
	size_t count = 0, place = 0;

	while ((thread = cli_index_next(&pending->threads, &place))) {
		if (thread->waits)
			waiting[count++] = thread;
	}
	qsort(waiting, count, sizeof(*waiting), by_time);
	for (size_t i = 0; i < count; i++)
		cli_trace_print_pending(&waiting[i]->record);
}
