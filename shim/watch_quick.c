/* SPDX-License-Identifier: MIT
 * The call that a program makes a million times: a lock granted at once, or let go. What watch.c
 * would tell of it, written straight into the trace. */
#include "shim/note.h"
#include "shim/watch_internal.h"

/* The event is one of many from the same two places. */
static void fill_site(struct watch_file *file, struct trace_event *record, const void *site)
{
	bool lock = record->id == TRACE_LOCK;

	if (file->site[lock] != site) {
		trace_site(site, &file->module[lock], &file->offset[lock]);
		file->site[lock] = file->module[lock] ? site : NULL;
	}
	record->module = file->module[lock];
	record->offset = file->offset[lock];
}

static void fill(const struct watch *watch, const struct watch_file *file,
		 struct trace_event *record)
{
	const struct trace_event *asked = &watch->event;

	record->id = asked->id;
	record->call = asked->call;
	record->operation = asked->operation;
	record->asked = asked->asked;
	record->flags = asked->flags;
	record->fd = asked->fd;
	record->error = 0;
	record->hazards = 0;
	record->device = file->device;
	record->inode = file->inode;
	record->start = asked->start;
	record->length = asked->length;
	record->waited = record->held = 0;
	record->file = file->path;
	record->rule = file->rule;
	record->blocker = 0;
	if (file->read_only)
		record->flags |= TRACE_READ_ONLY;
	if (watch_file_is_shared(file))
		record->flags |= TRACE_INHERITED;
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

bool watch_quick(const struct watch *watch)
{
	const struct trace_event *asked = &watch->event;
	struct watch_file *file = watch_file_known(asked->fd);
	struct trace_opened opened;
	unsigned families;
	uint64_t now;

	if (!file || !file->quick || watch_told.hazards || watch->probed)
		return false;
	families = watch->section ? section_families(asked) : flock_families(file, asked);
	if (!families)
		return false;
	now = trace_now();
	if (!watch_file_is_fresh(file, now) || !trace_open(&opened, now))
		return false;
	fill(watch, file, opened.record);
	opened.record->used = (uint8_t)families;
	fill_site(file, opened.record, watch->site);
	(void)watch_over(opened.record, file, watch->section, WATCH_TRACE);
	trace_close(&opened);
	watch_told.inside = false;
	return true;
}
