/* SPDX-License-Identifier: MIT
 * Who waits for a file, and for whom. */
#include "cli/holders_table.h"
#include "cli/memory.h"

struct holders_thread *cli_holders_thread(struct cli_holders *holders, const struct cli_lock *lock)
{
	return cli_index_get(&holders->threads, (uintptr_t)lock->process, lock->tid,
			     sizeof(struct holders_thread));
}

static bool is_same_thread(const struct cli_lock *one, const struct cli_lock *other)
{
	return one->process == other->process && one->tid == other->tid;
}

void cli_holders_wait_charge(struct cli_holders *holders, struct cli_wait *wait,
			     const struct cli_hold *hold, uint64_t end)
{
	uint64_t begin = wait->lock.begin;

	if (begin < hold->lock.begin)
		begin = hold->lock.begin;
	/* A wait that has only just begun has a holder all the same. */
	if (hold->gone || begin > end || (begin == end && begin != wait->lock.begin))
		return;
	wait->holders++;
	if (holders->calls.waited_for)
		holders->calls.waited_for(holders->context, wait, hold, begin, end);
}

/* OWN: of the thread itself. That is believed where nobody else is in the way: a descriptor and
 * its duplicate look like two owners. */
static void charge_all(struct cli_holders *holders, struct holders_file *file,
		       struct cli_wait *wait, uint64_t end, bool own)
{
	for (const struct holders_hold *at = file->holds; at; at = at->next) {
		if (is_same_thread(&at->hold.lock, &wait->lock) == own &&
		    cli_holders_lock_conflict(&at->hold.lock, &wait->lock))
			cli_holders_wait_charge(holders, wait, &at->hold, end);
	}
}

static void tell_end(struct cli_holders *holders, struct holders_file *file, struct cli_wait *wait,
		     uint64_t end, enum cli_wait_end how, int error)
{
	charge_all(holders, file, wait, end, false);
	if (!wait->holders)
		charge_all(holders, file, wait, end, true);
	if (holders->calls.waited)
		holders->calls.waited(holders->context, wait, end, how, error);
}

/* A holder's own release may bear a later time than the next one's grant. */
static void tell_handed(struct cli_holders *holders, const struct holders_file *file,
			const struct cli_wait *wait, uint64_t granted)
{
	const struct holders_hold *from = NULL;
	uint64_t released = granted;

	for (const struct holders_hold *at = file->holds; at && !from; at = at->next) {
		if (!at->hold.gone && cli_holders_lock_conflict(&at->hold.lock, &wait->lock))
			from = at;
	}
	if (!from && file->last && file->last_end >= wait->lock.begin &&
	    cli_holders_lock_conflict(&file->last->hold.lock, &wait->lock)) {
		from = file->last;
		released = file->last_end;
	}
	if (from && holders->calls.handed)
		holders->calls.handed(holders->context, &from->hold, released, wait, granted);
}

static struct holders_wait **find(struct holders_file *file, const struct cli_lock *lock)
{
	struct holders_wait **link = &file->waits;

	while (*link && !is_same_thread(&(*link)->wait.lock, lock))
		link = &(*link)->next;
	return link;
}

static void drop(struct cli_holders *holders, struct holders_wait **link)
{
	struct holders_wait *wait = *link;
	struct holders_wait **of_thread = &cli_holders_thread(holders, &wait->wait.lock)->waits;

	while (*of_thread != wait)
		of_thread = &(*of_thread)->next_of_thread;
	*of_thread = wait->next_of_thread;
	*link = wait->next;
	wait->next = holders->free_waits;
	holders->free_waits = wait;
}

static void fill(struct cli_holders *holders, struct cli_wait *ret,
		 const struct trace_record *record, bool wanted)
{
	*ret = (struct cli_wait){ .blocker = record->event.blocker };
	cli_holders_lock_fill(&ret->lock, record, wanted);
	ret->lock.number = ++holders->numbers;
}

void cli_holders_wait_begin(struct cli_holders *holders, struct holders_file *file,
			    const struct trace_record *record, bool wanted)
{
	struct holders_wait *wait = holders->free_waits, **old;
	struct holders_thread *thread;

	if (wait)
		holders->free_waits = wait->next;
	else
		wait = cli_memory_get(sizeof(*wait));
	fill(holders, &wait->wait, record, wanted);
	/* A wait doesn't tell yet what it became; 0 is any. */
	wait->wait.lock.used = file->became[record->event.asked];
	old = find(file, &wait->wait.lock);
	if (*old) {
		tell_end(holders, file, &(*old)->wait, record->event.time, CLI_WAIT_ABANDONED, 0);
		drop(holders, old);
	}
	thread = cli_holders_thread(holders, &wait->wait.lock);
	wait->file = file;
	wait->next = file->waits;
	file->waits = wait;
	wait->next_of_thread = thread->waits;
	thread->waits = wait;
	cli_holders_cycle_look(holders, wait);
}

static void tell_answer(struct cli_holders *holders, struct holders_file *file,
			struct cli_wait *wait, const struct trace_event *event)
{
	if (!event->error)
		tell_handed(holders, file, wait, event->time);
	tell_end(holders, file, wait, event->time,
		 event->error ? CLI_WAIT_REFUSED : CLI_WAIT_GRANTED, event->error);
}

/* Its TRACE_WAIT is older than the trace, or found no room. */
static void tell_unannounced(struct cli_holders *holders, struct holders_file *file,
			     const struct trace_record *record, bool wanted)
{
	const struct trace_event *event = &record->event;
	struct cli_wait wait;

	fill(holders, &wait, record, wanted);
	wait.lock.begin = event->waited < event->time ? event->time - event->waited : 0;
	if (file->last && file->last_end > wait.lock.begin &&
	    cli_holders_lock_conflict(&file->last->hold.lock, &wait.lock))
		cli_holders_wait_charge(holders, &wait, &file->last->hold, file->last_end);
	tell_answer(holders, file, &wait, event);
}

void cli_holders_wait_answer(struct cli_holders *holders, struct holders_file *file,
			     const struct trace_record *record, bool wanted)
{
	struct cli_lock lock = { .process = record->process, .tid = record->event.tid };
	struct holders_wait **link = find(file, &lock);

	if (*link) {
		tell_answer(holders, file, &(*link)->wait, &record->event);
		drop(holders, link);
	} else if (record->event.flags & TRACE_WAITED) {
		tell_unannounced(holders, file, record, wanted);
	}
}

void cli_holders_wait_end_all(struct cli_holders *holders, struct holders_file *file, uint64_t time)
{
	while (file->waits) {
		struct cli_wait *wait = &file->waits->wait;
		bool dead = trace_process_is_gone(wait->lock.process);

		tell_end(holders, file, wait, time, dead ? CLI_WAIT_DEAD : CLI_WAIT_STILL, 0);
		drop(holders, &file->waits);
	}
}
