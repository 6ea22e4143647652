/* SPDX-License-Identifier: MIT
 * What each record does to the table of holds and waits. */
#include "cli/holders.h"
#include "cli/holders_table.h"
#include "cli/memory.h"

struct cli_holders *cli_holders_new(const struct cli_holders_calls *calls, void *context)
{
	struct cli_holders *holders = cli_memory_get(sizeof(*holders));

	holders->calls = *calls;
	holders->context = context;
	return holders;
}

/* NULL where the file is not known: what isn't told apart must not seem to conflict. */
static struct holders_file *file_of(struct cli_holders *holders, const struct trace_record *record)
{
	uint64_t inode = record->event.inode;

	if (!inode)
		inode = (uintptr_t)record->file;
	if (!inode)
		return NULL;
	return cli_index_get(&holders->files, record->event.device, inode,
			     sizeof(struct holders_file));
}

/* The same lock once more changes nothing. */
static bool is_held_already(const struct cli_lock *old, const struct cli_lock *new)
{
	return old->operation == new->operation && old->start <= new->start && old->end >= new->end;
}

/* Two that have one description are both granted. So is a process that has several. */
static bool shows_end_of(const struct cli_hold *old, const struct cli_lock *new)
{
	return !old->gone && old->lock.process != new->process &&
	       !(old->lock.flags & new->flags &TRACE_INHERITED) &&
	       cli_holders_lock_conflict(&old->lock, new);
}

static void grant(struct cli_holders *holders, struct holders_file *file,
		  const struct trace_record *record, bool wanted)
{
	struct holders_hold **link = &file->holds;
	struct cli_hold hold = { 0 };
	bool again = false;

	cli_holders_lock_fill(&hold.lock, record, wanted);
	while (*link) {
		struct cli_hold *old = &(*link)->hold;

		if (shows_end_of(old, &hold.lock)) {
			link = cli_holders_hold_unseen(holders, file, link, hold.lock.begin);
		} else if (!cli_holders_lock_same_owner(&old->lock, &hold.lock) ||
			   !cli_holders_lock_touch(&old->lock, &hold.lock)) {
			link = &(*link)->next;
		} else if (!old->gone && is_held_already(&old->lock, &hold.lock)) {
			again = true;
			link = &(*link)->next;
		} else {
			link = cli_holders_hold_cut(holders, file, link, &hold.lock,
						    hold.lock.begin, CLI_HELD_CONVERTED);
		}
	}
	if (!again)
		cli_holders_hold_add(holders, file, &hold);
}

/* An upgrade that lets go of the shared lock first: flock's own way. */
static void lose(struct cli_holders *holders, struct holders_file *file,
		 const struct trace_record *record)
{
	struct holders_hold **link = &file->holds;
	struct cli_lock lock;

	cli_holders_lock_fill(&lock, record, false);
	while (*link) {
		if (cli_holders_lock_same_owner(&(*link)->hold.lock, &lock) &&
		    cli_holders_lock_touch(&(*link)->hold.lock, &lock))
			link = cli_holders_hold_cut(holders, file, link, &lock, lock.begin,
						    CLI_HELD_RELEASED);
		else
			link = &(*link)->next;
	}
}

/* A flock that waits has let go of the other mode, unless the record says that it was kept. */
static bool is_lost(const struct trace_event *event)
{
	return event->flags & TRACE_LOST ||
	       (event->id == TRACE_WAIT && event->asked == TRACE_FAMILY_FLOCK &&
		!(event->flags & TRACE_CONVERTED));
}

static void take_lock(struct cli_holders *holders, struct holders_file *file,
		      const struct trace_record *record, bool wanted)
{
	const struct trace_event *event = &record->event;

	cli_holders_wait_answer(holders, file, record, wanted);
	if (is_lost(event))
		lose(holders, file, record);
	if (event->error || !event->used)
		return;
	file->became[event->asked] |= event->flags & TRACE_SHADOW ? event->asked : event->used;
	grant(holders, file, record, wanted);
}

void cli_holders_take(struct cli_holders *holders, const struct trace_record *record, bool wanted)
{
	struct holders_file *file = file_of(holders, record);

	if (!file)
		return;
	switch ((enum trace_id)record->event.id) {
	case TRACE_LOCK:
		take_lock(holders, file, record, wanted);
		return;
	case TRACE_RELEASE:
		cli_holders_release(holders, file, record, wanted);
		return;
	case TRACE_WAIT:
		if (is_lost(&record->event))
			lose(holders, file, record);
		cli_holders_wait_begin(holders, file, record, wanted);
		return;
	case TRACE_QUERY:
	case TRACE_HAZARD:
	case TRACE_NAME:
		return;
	}
}

static void end_holds(struct cli_holders *holders, const struct holders_file *file, uint64_t time)
{
	for (const struct holders_hold *at = file->holds; at; at = at->next) {
		bool dead = trace_process_is_gone(at->hold.lock.process);

		if (holders->calls.held && !at->hold.gone && !at->hold.handed_on)
			holders->calls.held(holders->context, &at->hold, time,
					    dead ? CLI_HELD_DEAD : CLI_HELD_STILL);
	}
}

void cli_holders_end(struct cli_holders *holders, uint64_t time)
{
	struct holders_file *file;

	for (size_t at = 0; (file = cli_index_next(&holders->files, &at));)
		cli_holders_wait_end_all(holders, file, time);
	for (size_t at = 0; (file = cli_index_next(&holders->files, &at));)
		end_holds(holders, file, time);
}

uint64_t cli_holders_forgotten(const struct cli_holders *holders)
{
	return holders->forgotten;
}
