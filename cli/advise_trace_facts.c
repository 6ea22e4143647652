/* SPDX-License-Identifier: MIT
 * The tables of programs, files, uses and seats. */
#include "cli/advise_trace_facts.h"
#include "cli/advise_trace_seat.h"
#include "cli/holders.h"
#include "cli/memory.h"

#include <stdlib.h>
#include <string.h>

struct program {
	struct cli_index_key key;
	struct advise_program program;
};

struct use {
	struct cli_index_key key;
	struct advise_use use;
};

struct advise_facts {
	struct advise_whole whole;
	struct cli_index programs, files, uses, seats;
	struct cli_holders *holders;
};

static uint64_t hash(const char *text)
{
	uint64_t sum = 14695981039346656037u;

	for (; *text; text++)
		sum = (sum ^ (unsigned char)*text) * 1099511628211u;
	return sum;
}

static struct advise_program *program_of(struct advise_facts *facts, struct trace_process *process)
{
	struct program *found;

	if (process->user)
		return process->user;
	found = cli_index_get(&facts->programs, hash(process->program), 0, sizeof(*found));
	found->program.name = process->program;
	found->program.processes++;
	facts->whole.processes++;
	process->user = &found->program;
	return &found->program;
}

/* An inode's number is used again: the path is a part of the key. */
static struct advise_place *file_of(struct advise_facts *facts, uint64_t device, uint64_t inode,
				    const char *path)
{
	struct advise_place *file =
		cli_index_get(&facts->files, device ^ (uintptr_t)path, inode, sizeof(*file));

	file->file.device = device;
	file->file.inode = inode;
	file->file.path = path;
	return file;
}

static struct advise_use *use_of(struct advise_facts *facts, const struct advise_program *program,
				 struct advise_file *file)
{
	struct use *use =
		cli_index_get(&facts->uses, (uintptr_t)program, (uintptr_t)file, sizeof(*use));

	use->use.program = program;
	use->use.file = file;
	return &use->use;
}

static struct advise_seat *seat_of(struct advise_facts *facts, const struct trace_record *record)
{
	const struct trace_event *event = &record->event;
	struct advise_place *file = file_of(facts, event->device, event->inode, record->file);
	struct advise_seat *seat = cli_index_get(&facts->seats, (uintptr_t)record->process,
						 (uintptr_t)file, sizeof(*seat));

	if (!seat->use) {
		seat->file = file;
		seat->use = use_of(facts, program_of(facts, record->process), &file->file);
		seat->record_fd = seat->ofd_fd = seat->dropped_fd = -1;
	}
	return seat;
}

static void take_whole(struct advise_whole *whole, const struct trace_event *event)
{
	whole->first = whole->records ? whole->first : event->time;
	whole->last = event->time > whole->last ? event->time : whole->last;
	whole->records++;
	whole->free += event->id == TRACE_LOCK && !event->error && !(event->flags & TRACE_WAITED);
	whole->converted += event->used && event->asked && event->used != event->asked &&
			    !(event->flags & TRACE_SHADOW);
}

void advise_facts_take(struct advise_facts *facts, const struct trace_record *record, bool wanted)
{
	const struct trace_event *event = &record->event;
	struct advise_seat *seat;

	take_whole(&facts->whole, event);
	program_of(facts, record->process);
	if (event->inode || record->file) {
		seat = seat_of(facts, record);
		seat->use->wanted |= wanted;
		advise_seat_take(seat, event);
	}
	cli_holders_take(facts->holders, record, true);
}

static void held(void *context, const struct cli_hold *hold, uint64_t end, enum cli_held_end how)
{
	const struct cli_lock *lock = &hold->lock;
	struct advise_place *file = file_of(context, lock->device, lock->inode, lock->file);

	file->file.meets += advise_spans_held(&file->spans, hold, end, how);
}

struct advise_facts *advise_facts_new(void)
{
	static const struct cli_holders_calls calls = { .held = held };
	struct advise_facts *facts = cli_memory_get(sizeof(*facts));

	facts->holders = cli_holders_new(&calls, facts);
	return facts;
}

static int by_program_and_place(const void *one, const void *other)
{
	const struct advise_use *a = *(struct advise_use *const *)one;
	const struct advise_use *b = *(struct advise_use *const *)other;
	int order = strcmp(a->program->name, b->program->name);

	if (!order)
		order = (a->file->device > b->file->device) - (a->file->device < b->file->device);
	if (!order)
		order = strcmp(a->file->path ? a->file->path : "",
			       b->file->path ? b->file->path : "");
	return order ? order
		     : (a->file->inode > b->file->inode) - (a->file->inode < b->file->inode);
}

void advise_facts_end(struct advise_facts *facts)
{
	struct advise_whole *whole = &facts->whole;
	struct advise_place *file;
	struct use *use;
	size_t place = 0;

	cli_holders_end(facts->holders, whole->last);
	while ((file = cli_index_next(&facts->files, &place)))
		file->file.outside = file->spans.refusals_count;
	whole->uses = cli_memory_get((facts->uses.count + 1) * sizeof(*whole->uses));
	for (place = 0; (use = cli_index_next(&facts->uses, &place));) {
		whole->uses[whole->uses_count] = &use->use;
		whole->uses_count += use->use.wanted;
	}
	qsort(whole->uses, whole->uses_count, sizeof(struct advise_use *), by_program_and_place);
}

const struct advise_whole *advise_facts_whole(struct advise_facts *facts)
{
	return &facts->whole;
}
