/* SPDX-License-Identifier: MIT
 * Records to counts. */
#include "cli/advise_trace_seat.h"

#include <errno.h>

#define RECORD_FAMILIES (TRACE_FAMILY_OFD | TRACE_FAMILY_POSIX)
/* What a POSIX lock in the place of an OFD lock met. */
#define POSIX_HAZARDS                                                                              \
	(1u << TRACE_HAZARD_CLOSE | 1u << TRACE_HAZARD_FORK | 1u << TRACE_HAZARD_EXEC |            \
	 1u << TRACE_HAZARD_SAME_PROCESS | 1u << TRACE_HAZARD_FCNTL)

static void count_if(struct advise_seat *seat, enum advise_count count, bool really)
{
	seat->use->of[count] += really;
}

/* Which families who took: what flock = ofd would let meet. */
static void note_family(struct advise_seat *seat, const struct trace_event *event)
{
	bool flock = event->asked & TRACE_FAMILY_FLOCK;
	unsigned other = flock ? RECORD_FAMILIES : TRACE_FAMILY_FLOCK;
	uint32_t *own = flock ? &seat->file->flocker : &seat->file->recorder;
	uint32_t met = flock ? seat->file->recorder : seat->file->flocker;

	if (!*own)
		*own = event->pid;
	seat->file->file.apart |= met && met != event->pid;
	count_if(seat, ADVISE_MIXED, seat->families & other && !(seat->families & (other ^ 7u)));
	seat->families |= event->asked;
}

static void take_upgrade(struct advise_seat *seat, const struct trace_event *event, bool met)
{
	struct advise_place *file = seat->file;

	count_if(seat, ADVISE_UPGRADES, true);
	count_if(seat, ADVISE_UPGRADES_MET, met);
	count_if(seat, ADVISE_UPGRADES_LOST, event->flags & TRACE_LOST);
	if (!file->upgrader) {
		file->upgrader = event->pid;
		file->upgrader_fd = event->fd;
	}
	file->file.upgraders |= file->upgrader != event->pid || file->upgrader_fd != event->fd;
}

static void take_flock(struct advise_seat *seat, const struct trace_event *event)
{
	bool exclusive = event->operation == TRACE_EXCLUSIVE;
	bool met = event->error || event->flags & TRACE_WAITED;

	count_if(seat, ADVISE_FLOCKS, true);
	count_if(seat, ADVISE_EXCLUSIVE, exclusive);
	count_if(seat, ADVISE_READ_ONLY, exclusive && event->flags & TRACE_READ_ONLY);
	count_if(seat, ADVISE_CONTENDED, met);
	count_if(seat, ADVISE_INHERITED, event->flags & TRACE_INHERITED);
	if (exclusive && event->flags & TRACE_CONVERTED)
		take_upgrade(seat, event, met);
	if (met)
		advise_spans_refused(&seat->file->spans, event);
	seat->flocked |= !event->error;
}

static void take_record_lock(struct advise_seat *seat, const struct trace_event *event)
{
	count_if(seat, ADVISE_RECORDS, true);
	count_if(seat, ADVISE_RECORDS_INHERITED, event->flags & TRACE_INHERITED);
	if (!event->error)
		seat->record_fd = event->fd;
	seat->dropped_fd = -1;
}

static void take_ofd(struct advise_seat *seat, const struct trace_event *event)
{
	count_if(seat, ADVISE_OFDS, true);
	count_if(seat, ADVISE_OFDS_BOUND, seat->ofd_fd >= 0 && seat->ofd_fd != event->fd);
	if (event->error)
		return;
	seat->ofd_fd = event->fd;
	if (event->flags & TRACE_INHERITED && event->operation == TRACE_EXCLUSIVE) {
		seat->file->sharer = event->pid;
		seat->file->shared_from = event->time;
	}
}

/* Another error says nothing of locks. */
static bool is_answered(const struct trace_event *event)
{
	return !event->error || event->error == EAGAIN || event->error == EACCES ||
	       event->flags & TRACE_WAITED;
}

static void take_lock(struct advise_seat *seat, const struct trace_event *event)
{
	if (event->operation > TRACE_EXCLUSIVE || !is_answered(event))
		return;
	note_family(seat, event);
	if (event->asked & TRACE_FAMILY_FLOCK)
		take_flock(seat, event);
	else if (event->asked & TRACE_FAMILY_OFD)
		take_ofd(seat, event);
	else
		take_record_lock(seat, event);
}

/* Two processes that do not share a description could not both have held it. */
static bool was_shared(const struct advise_place *file, const struct trace_event *event)
{
	const uint64_t late = 1000000;

	return event->flags & TRACE_INHERITED && event->flags & TRACE_HELD && file->sharer &&
	       file->sharer != event->pid && file->shared_from > event->time - event->held + late &&
	       file->shared_from + late < event->time;
}

/* A close of any descriptor drops them. That it was another's shows by its number, or by the unlock
 * that still comes and finds nothing. */
static void release_record(struct advise_seat *seat, const struct trace_event *event)
{
	bool closed = event->call == TRACE_CALL_CLOSE;
	bool named = event->hazards & 1u << TRACE_HAZARD_CLOSE;
	bool other = closed && seat->record_fd >= 0 && seat->record_fd != event->fd;
	bool late = !closed && seat->dropped_fd == event->fd && !(event->flags & TRACE_HELD);

	count_if(seat, ADVISE_RECORDS_CUT, !named && (other || late));
	seat->dropped_fd = closed && !named && !other ? event->fd : -1;
	if (closed || !event->length)
		seat->record_fd = -1;
}

static void take_release(struct advise_seat *seat, const struct trace_event *event)
{
	unsigned families = event->asked | event->used;
	bool closed = event->call == TRACE_CALL_CLOSE;

	if (families & TRACE_FAMILY_FLOCK) {
		seat->file->spans.left_on = event->flags & TRACE_INHERITED &&
					    (closed || event->call == TRACE_CALL_EXIT);
		count_if(seat, ADVISE_HANDED, !seat->flocked && event->flags & TRACE_INHERITED);
	} else if (families & TRACE_FAMILY_OFD) {
		count_if(seat, ADVISE_OFDS_SHARED, was_shared(seat->file, event));
		count_if(seat, ADVISE_OFDS_BOUND,
			 closed && seat->ofd_fd >= 0 && seat->ofd_fd != event->fd);
		if (seat->ofd_fd == event->fd)
			seat->ofd_fd = -1;
	} else if (families & TRACE_FAMILY_POSIX) {
		release_record(seat, event);
	}
}

/* An event outside of any call does not say what was asked for. */
static void take_hazards(struct advise_seat *seat, const struct trace_event *event)
{
	unsigned asked = event->asked ? event->asked : seat->families;
	uint32_t hazards = event->hazards;

	if (asked & TRACE_FAMILY_OFD) {
		count_if(seat, ADVISE_OFDS_SHARED, hazards & 1u << TRACE_HAZARD_SHARED_DESCRIPTION);
		count_if(seat, ADVISE_OFDS_BOUND, hazards & POSIX_HAZARDS);
	}
	if (asked & TRACE_FAMILY_POSIX)
		count_if(seat, ADVISE_RECORDS_CUT, hazards & 1u << TRACE_HAZARD_CLOSE);
}

void advise_seat_take(struct advise_seat *seat, const struct trace_event *event)
{
	if (event->id == TRACE_LOCK)
		take_lock(seat, event);
	else if (event->id == TRACE_RELEASE && !event->error)
		take_release(seat, event);
	if (event->hazards)
		take_hazards(seat, event);
}
