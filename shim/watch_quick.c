/* SPDX-License-Identifier: MIT
 * The call that a program makes a million times: a lock granted at once, or let go. What watch.c
 * would tell of it, written straight into the trace. */
#include "shim/note.h"
#include "shim/watch_internal.h"
#include "trace/writer_open.h"

/* All that decides what a brief record has beside time, thread and section. FAMILIES: what became
 * of the call. */
static inline uint32_t kind_of(const struct trace_event *event, const struct watch_file *file,
			       unsigned families)
{
	return (uint32_t)event->fd << 16 | (uint32_t)event->call << 8 |
	       (uint32_t)event->operation << 6 | families << 3 |
	       (event->flags & TRACE_BLOCKING) << 1 | watch_file_is_shared(file);
}

_Static_assert(WATCH_NUMBERS <= UINT16_MAX + 1, "a number fits in a kind, and in a brief record");

/* False where a brief record has no room for this one. */
static bool fill(struct trace_brief *ret, const struct watch *watch, const struct watch_file *file,
		 unsigned families)
{
	const struct trace_event *event = &watch->event;
	uint32_t module;
	uint64_t offset;

	trace_site(watch->site, &module, &offset);
	if ((module | offset >> 16) > UINT16_MAX)
		return false;
	*ret = (struct trace_brief){
		.call = event->call,
		.operation = event->operation,
		.asked = event->asked,
		.used = (uint8_t)families,
		.flags = (uint8_t)(event->flags | (file->read_only ? TRACE_READ_ONLY : 0) |
				   (watch_file_is_shared(file) ? TRACE_INHERITED : 0)),
		.fd = (uint16_t)event->fd,
		.file = (uint16_t)file->path,
		.rule = (uint16_t)file->rule,
		.module = (uint16_t)module,
		.offset = (uint32_t)offset,
	};
	return true;
}

#define WORDS (sizeof(struct trace_brief) / sizeof(long))
typedef unsigned long __attribute__((may_alias)) word;

/* Returns the turn that it has, 0 where it was not written: of two threads that come with different
 * calls one goes the long way. Each store releases and each load of copy() acquires, so no word is
 * seen outside its turn. */
static __attribute__((noinline)) uint32_t renew(struct watch_template *last,
						const struct watch *watch,
						const struct watch_file *file, unsigned families)
{
	uint32_t turn = __atomic_load_n(&last->turn, __ATOMIC_RELAXED);
	struct trace_brief brief;
	const word *from = (const word *)&brief;

	if (turn & 1 || !fill(&brief, watch, file, families) ||
	    !__atomic_compare_exchange_n(&last->turn, &turn, turn + 1, 0, __ATOMIC_ACQ_REL,
					 __ATOMIC_RELAXED))
		return 0;
	for (unsigned i = 0; i < WORDS; i++)
		__atomic_store_n(&last->words[i], from[i], __ATOMIC_RELEASE);
	__atomic_store_n(&last->file, file->path, __ATOMIC_RELEASE);
	__atomic_store_n(&last->of, kind_of(&watch->event, file, families), __ATOMIC_RELEASE);
	/* Where the module can't be told now it is asked for again. */
	__atomic_store_n(&last->site, brief.module ? watch->site : NULL, __ATOMIC_RELEASE);
	__atomic_store_n(&last->turn, turn + 2, __ATOMIC_RELEASE);
	return turn + 2;
}

static inline bool is_like(const struct watch_template *last, const struct watch *watch,
			   const struct watch_file *file, unsigned families)
{
	return __atomic_load_n(&last->site, __ATOMIC_ACQUIRE) == watch->site &&
	       __atomic_load_n(&last->file, __ATOMIC_ACQUIRE) == file->path &&
	       __atomic_load_n(&last->of, __ATOMIC_ACQUIRE) ==
		       kind_of(&watch->event, file, families);
}

/* Of a flock: 0 where it is converted, a keeper holds it, or nothing is known. */
static inline unsigned flock_families(const struct watch_file *file,
				      const struct trace_event *asked)
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

static inline unsigned section_families(const struct trace_event *asked)
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

static __attribute__((noinline)) bool is_quiet(struct watch *watch, struct watch_file *file)
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

/* What is only of this one. */
static inline void complete(const struct trace_opened *opened, const struct trace_event *event)
{
	struct trace_brief *brief = opened->brief;
	unsigned part =
		opened->size == sizeof *opened->part ? TRACE_PART_LOCK - TRACE_BRIEF_LOCK : 0;

	brief->id = (uint8_t)((event->id == TRACE_LOCK ? TRACE_BRIEF_LOCK : TRACE_BRIEF_RELEASE) +
			      part);
	brief->flags |= (uint8_t)event->flags;
	brief->tid = writer_pool_thread();
	brief->held = (uint32_t)event->held;
	if (!part)
		return;
	opened->part->start = event->start;
	opened->part->length = event->length;
}

/* A brief record has no room for how long it was held. */
static __attribute__((noinline)) void write_whole(const struct trace_opened *opened,
						  struct trace_event *event,
						  const struct watch_file *file)
{
	event->flags |= opened->brief->flags;
	event->file = opened->brief->file;
	event->rule = opened->brief->rule;
	event->module = opened->brief->module;
	event->offset = opened->brief->offset;
	event->device = file->device;
	event->inode = file->inode;
	event->waited = 0;
	event->hazards = 0;
	trace_abandon(opened);
	trace_write(event);
}

static inline void over(struct watch *watch, struct watch_file *file)
{
	struct trace_event *event = &watch->event;

	if (watch->section)
		(void)watch_section_over(event, file, file, WATCH_TRACE);
	else if (event->id == TRACE_RELEASE)
		watch_flock_released(event, file);
	else {
		watch_flock_granted(event, file);
		file->recorded = WATCH_TRACE;
	}
}

static inline bool copy(struct trace_opened *opened, const struct watch_template *last,
			uint32_t turn)
{
	word *to = (word *)opened->brief;

#pragma GCC unroll 8
	for (unsigned i = 0; i < WORDS; i++)
		to[i] = __atomic_load_n(&last->words[i], __ATOMIC_ACQUIRE);
	if (__builtin_expect(__atomic_load_n(&last->turn, __ATOMIC_RELAXED) == turn, 1))
		return true;
	trace_abandon(opened);
	return false;
}

static bool is_written(struct watch *watch, struct watch_file *file)
{
	struct trace_event *event = &watch->event;
	struct watch_template *last = &file->template[event->id == TRACE_LOCK];
	unsigned families = watch->section ? section_families(event) : flock_families(file, event);
	uint32_t turn;
	struct trace_opened opened;
	uint64_t now;

	if (!families)
		return false;
	turn = __atomic_load_n(&last->turn, __ATOMIC_ACQUIRE);
	if (turn & 1 || !is_like(last, watch, file, families))
		turn = renew(last, watch, file, families);
	if (!turn)
		return false;
	now = trace_now();
	if (!watch_file_is_fresh(file, now) ||
	    !trace_open(&opened, watch->section ? sizeof *opened.part : sizeof *opened.brief,
			now) ||
	    !copy(&opened, last, turn))
		return false;
	event->time = opened.time;
	event->used = (uint8_t)families;
	event->error = 0;
	event->held = 0;
	over(watch, file);
	if (__builtin_expect(event->held > UINT32_MAX, 0)) {
		write_whole(&opened, event, file);
	} else {
		complete(&opened, event);
		trace_close(&opened);
	}
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
