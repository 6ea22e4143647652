/* SPDX-License-Identifier: MIT
 * The call that a program makes a million times: a flock granted at once, or let go. What watch.c
 * would tell of it, written straight into the trace. */
#include "shim/note.h"
#include "shim/watch_internal.h"

/* The event is one of many from the same two places. */
static void fill_site(struct watch_file *file, struct trace_event *record, const void *site,
		      bool lock)
{
	if (file->site[lock] != site) {
		trace_site(site, &file->module[lock], &file->offset[lock]);
		file->site[lock] = file->module[lock] ? site : NULL;
	}
	record->module = file->module[lock];
	record->offset = file->offset[lock];
}

/* Nothing is converted, and no keeper holds it. Families of enum trace_family; 0: not such a one.
 */
static unsigned families_of(const struct watch_file *file, int fd, enum trace_operation operation)
{
	const struct shim_state *state = shim_state();
	unsigned note;

	if (operation == TRACE_UNLOCK)
		return file->used;
	if (file->granted && file->exclusive != (operation == TRACE_EXCLUSIVE))
		return 0;
	if (!state->active || state->passes_all)
		return TRACE_FAMILY_FLOCK;
	note = note_get(fd);
	return note & NOTE_KEPT ? 0 : note & NOTE_FAMILIES;
}

static void fill(struct trace_event *record, const struct watch_file *file)
{
	record->error = 0;
	record->hazards = 0;
	record->device = file->device;
	record->inode = file->inode;
	record->start = record->length = 0;
	record->waited = 0;
	record->file = file->path;
	record->rule = file->rule;
	record->blocker = 0;
}

static uint64_t held_since(uint64_t granted, uint64_t now)
{
	return granted && now > granted ? now - granted : 0;
}

static unsigned flags_of(const struct watch_file *file, unsigned flags)
{
	if (file->read_only)
		flags |= TRACE_READ_ONLY;
	return watch_file_is_shared(file) ? flags | TRACE_INHERITED : flags;
}

static void granted(struct watch_file *file, enum trace_operation operation, unsigned families,
		    uint64_t now)
{
	if (!file->granted)
		file->granted = now;
	file->exclusive = operation == TRACE_EXCLUSIVE;
	file->used = (uint8_t)families;
	file->locked = true;
	file->recorded = WATCH_TRACE;
}

bool watch_quick(int fd, enum trace_operation operation, unsigned flags, const void *site)
{
	struct watch_file *file = watch_file_known(fd);
	struct trace_opened opened;
	bool lock = operation != TRACE_UNLOCK;
	unsigned families;
	uint64_t now;

	if (!file || !file->quick || watch_told.hazards || probes_attached())
		return false;
	families = families_of(file, fd, operation);
	now = trace_now();
	if (!families || !watch_file_is_fresh(file, now) || !trace_open(&opened, now))
		return false;
	fill(opened.record, file);
	fill_site(file, opened.record, site, lock);
	opened.record->id = lock ? TRACE_LOCK : TRACE_RELEASE;
	opened.record->call = TRACE_CALL_FLOCK;
	opened.record->operation = (uint8_t)operation;
	opened.record->asked = TRACE_FAMILY_FLOCK;
	opened.record->used = (uint8_t)families;
	opened.record->fd = fd;
	opened.record->held = lock ? 0 : held_since(file->granted, now);
	opened.record->flags = flags_of(file, !lock && file->granted ? TRACE_HELD : flags);
	trace_close(&opened);
	if (lock)
		granted(file, operation, families, now);
	else
		file->granted = 0;
	watch_told.inside = false;
	return true;
}
