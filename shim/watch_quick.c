/* SPDX-License-Identifier: MIT
 * The call that a program makes a million times: a lock granted at once, or let go. What watch.c
 * would tell of it, written straight into the trace. */
#include "shim/note.h"
#include "shim/watch_internal.h"
#include "trace/writer_open.h"

/* The event is one of many from the same two places. False where a brief record has no room for
 * this one. */
static bool know_site(struct watch_file *file, bool lock, const void *site)
{
	if (__builtin_expect(file->site[lock] != site, 0)) {
		trace_site(site, &file->module[lock], &file->offset[lock]);
		file->site[lock] = file->module[lock] ? site : NULL;
	}
	return (file->module[lock] | file->offset[lock] >> 16) <= UINT16_MAX;
}

static void fill(struct trace_opened *opened, const struct trace_event *event,
		 const struct watch_file *file)
{
	struct trace_brief *brief = opened->brief;
	bool lock = event->id == TRACE_LOCK;

	brief->id = lock ? TRACE_BRIEF_LOCK : TRACE_BRIEF_RELEASE;
	brief->call = event->call;
	brief->operation = event->operation;
	brief->asked = event->asked;
	brief->used = event->used;
	brief->flags = (uint16_t)event->flags;
	brief->fd = (uint16_t)event->fd;
	brief->file = file->path;
	brief->held = event->held;
	brief->rule = (uint16_t)file->rule;
	brief->module = (uint16_t)file->module[lock];
	brief->offset = (uint32_t)file->offset[lock];
	if (opened->size == sizeof(struct trace_part)) {
		brief->id += TRACE_PART_LOCK - TRACE_BRIEF_LOCK;
		opened->part->start = event->start;
		opened->part->length = event->length;
	}
}

/* Of a flock: 0 where it is converted, a keeper holds it, or nothing is known. */
static unsigned flock_families(const struct watch_file *file, const struct trace_event *asked)
{
	const struct shim_state *state = shim_state();
	unsigned note;

	if (asked->id == TRACE_RELEASE)
		return file->used;
	if (file->granted && file->exclusive != (asked->operation == TRACE_EXCLUSIVE))
		return 0;
	if (!state->active || state->passes_all)
		return TRACE_FAMILY_FLOCK;
	note = note_get(asked->fd);
	return note & NOTE_KEPT ? 0 : note & NOTE_FAMILIES;
}

static unsigned section_families(const struct trace_event *asked)
{
	if (asked->id != TRACE_LOCK && asked->id != TRACE_RELEASE)
		return 0;
	return watch_told.became ? watch_told.families : asked->asked;
}

/* To some milliseconds, and in a third of the time: of what nobody is told. */
static uint64_t roughly_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME_COARSE, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static bool is_quiet(struct watch *watch, struct watch_file *file)
{
	struct trace_event *event = &watch->event;
	unsigned families;
	uint64_t now;

	/* A release is told of where its grant was. */
	if (watch->section || file->recorded)
		return false;
	families = flock_families(file, event);
	now = roughly_now();
	if (!families || !watch_file_is_fresh(file, now))
		return false;
	event->time = now;
	event->used = (uint8_t)families;
	event->error = 0;
	(void)watch_over(event, file, false, 0);
	watch_told.inside = false;
	return true;
}

static bool is_written(struct watch *watch, struct watch_file *file)
{
	struct trace_event *event = &watch->event;
	struct trace_opened opened;
	unsigned families;
	uint64_t now;

	families = watch->section ? section_families(event) : flock_families(file, event);
	if (!families || !know_site(file, event->id == TRACE_LOCK, watch->site))
		return false;
	now = trace_now();
	if (!watch_file_is_fresh(file, now) ||
	    !trace_open(&opened, watch->section ? sizeof *opened.part : sizeof *opened.brief, now))
		return false;
	event->time = opened.record->time;
	event->used = (uint8_t)families;
	event->error = 0;
	event->held = 0;
	if (file->read_only)
		event->flags |= TRACE_READ_ONLY;
	if (watch_file_is_shared(file))
		event->flags |= TRACE_INHERITED;
	(void)watch_over(event, file, watch->section, WATCH_TRACE);
	fill(&opened, event, file);
	trace_close(&opened);
	watch_told.inside = false;
	return true;
}

bool watch_quick(struct watch *watch)
{
	struct watch_file *file = watch_file_known(watch->event.fd);

	if (!file || file->quick == WATCH_SLOW || watch_told.hazards || watch->probed)
		return false;
	return file->quick == WATCH_QUIET ? is_quiet(watch, file) : is_written(watch, file);
}
