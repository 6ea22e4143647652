/* SPDX-License-Identifier: MIT
 * The call that a program makes a million times: a lock granted at once, or let go. What watch.c
 * would tell of it, written straight into the trace. Inline: each instruction of it is paid for. */
#ifndef LOCKSHIM_WATCH_QUICK_H
#define LOCKSHIM_WATCH_QUICK_H

#include "shim/note.h"
#include "shim/watch_internal.h"
#include "trace/writer_clock.h"
#include "trace/writer_open.h"

/* Makes LAST the template of this call. Returns the turn that it has, 0 where it was not written:
 * of two threads that come with different calls one goes the long way. FAMILIES: what became of it.
 */
uint32_t watch_template_renew(struct watch_template *last, const struct watch *watch,
			      const struct watch_file *file, unsigned families);

/* Where trace alone is asked for, and of contended calls or errors: nobody is told of this one. */
bool watch_quick_quiet(struct watch *watch, struct watch_file *file);

/* In the place of OPENED: a brief record has no room for how long it was held. */
void watch_quick_whole(const struct trace_opened *opened, const struct watch *watch,
		       const struct watch_file *file, unsigned families, uint64_t held);

/* Of a flock: 0 where it is converted, a keeper holds it, or nothing is known. */
static inline unsigned watch_quick_families(const struct watch_file *file,
					    const struct trace_event *asked)
{
	/* Who knows the file has the state. */
	const struct shim_state *state = __atomic_load_n(&shim_started, __ATOMIC_RELAXED);
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

static inline bool is_pair(const struct watch_pair *stored, struct watch_pair pair)
{
	unsigned long differs = 0;

#pragma GCC unroll 2
	for (unsigned i = 0; i < sizeof pair / sizeof *pair.at; i++)
		differs |= __atomic_load_n(&stored->at[i], __ATOMIC_ACQUIRE) ^ pair.at[i];
	return !differs;
}

static inline bool is_like(const struct watch_template *last, const struct watch *watch,
			   const struct watch_file *file, unsigned families)
{
	const struct trace_event *event = &watch->event;

	return __atomic_load_n(&last->site, __ATOMIC_ACQUIRE) == watch->site &&
	       is_pair(&last->names, watch_pair_load(&file->names)) &&
	       is_pair(&last->call, watch_template_call(event)) &&
	       __atomic_load_n(&last->kind, __ATOMIC_ACQUIRE) ==
		       watch_template_kind(event, file, families);
}

/* False where another thread wrote it meanwhile. */
static inline bool copy(struct watch_words *ret, const struct watch_template *last, uint32_t turn)
{
#pragma GCC unroll 8
	for (unsigned i = WATCH_WORDS_FROM; i < WATCH_WORDS; i++)
		ret->at[i] = __atomic_load_n(&last->words.at[i], __ATOMIC_ACQUIRE);
	return __builtin_expect(__atomic_load_n(&last->turn, __ATOMIC_RELAXED) == turn, 1);
}

/* What one call takes along. */
struct watch_quick {
	struct watch *watch;
	struct watch_file *file;
	unsigned families;
	struct watch_words words;
	struct trace_opened opened;
};

/* All that goes into the record goes there now, behind a last look: before that a handler may have
 * forked, and this be the child. */
static inline __attribute__((always_inline)) void
store(const struct watch_quick *quick, const bool section, unsigned flags, uint64_t held)
{
	struct trace_brief *brief = quick->opened.brief;
	watch_word *to = (watch_word *)brief;

	if (__builtin_expect(!trace_is_still_open(&quick->opened), 0))
		return;
#pragma GCC unroll 8
	for (unsigned i = WATCH_WORDS_FROM; i < WATCH_WORDS; i++)
		to[i] = quick->words.at[i];
	brief->time = quick->opened.time;
	brief->flags |= (uint8_t)flags;
	brief->tid = quick->opened.tid;
	brief->held = (uint32_t)held;
	if (section) {
		quick->opened.part->start = quick->watch->event.start;
		quick->opened.part->length = quick->watch->event.length;
	}
}

static inline __attribute__((always_inline)) void
finish(const struct watch_quick *quick, const bool section, unsigned flags, uint64_t held)
{
	if (__builtin_expect(held > UINT32_MAX, 0)) {
		/* A copy, so that the common call needs none in memory. */
		struct trace_opened opened = quick->opened;

		watch_quick_whole(&opened, quick->watch, quick->file, quick->families, held);
		return;
	}
	store(quick, section, flags, held);
	trace_close(&quick->opened);
}

static inline __attribute__((always_inline)) void finish_flock(const struct watch_quick *quick)
{
	struct watch_file *file = quick->file;
	uint64_t granted = file->granted;

	if (quick->watch->event.id == TRACE_RELEASE) {
		file->granted = 0;
		finish(quick, false, granted ? TRACE_HELD : 0,
		       granted ? watch_since(granted, quick->opened.time) : 0);
		return;
	}
	watch_flock_granted(file, quick->opened.time,
			    quick->watch->event.operation == TRACE_EXCLUSIVE, quick->families);
	file->recorded = WATCH_TRACE;
	finish(quick, false, 0, 0);
}

static inline __attribute__((always_inline)) void finish_section(const struct watch_quick *quick)
{
	struct trace_event *event = &quick->watch->event;

	event->time = quick->opened.time;
	event->used = (uint8_t)quick->families;
	event->held = 0;
	(void)watch_section_over(event, quick->file, quick->file, WATCH_TRACE);
	finish(quick, true, event->flags, event->held);
}

/* As watch_file_is_fresh(): a file that has a name has the epoch of one. */
static inline bool is_fresh(const struct watch_file *file, uint64_t now)
{
	return now - file->checked < WATCH_FRESH &&
	       __atomic_load_n(&file->epoch, __ATOMIC_ACQUIRE) ==
		       __atomic_load_n(&writer_state->started, __ATOMIC_RELAXED);
}

/* The clock is read before anything is looked up, which then stays in registers. SECTION is
 * constant where this is compiled. */
static inline __attribute__((always_inline)) bool
watch_quick_write(struct watch *watch, struct watch_file *file, const bool section)
{
	const struct trace_event *event = &watch->event;
	size_t size = section ? sizeof(struct trace_part) : sizeof(struct trace_brief);
	uint64_t now = writer_clock_now();
	struct watch_template *last = &file->template[event->id == TRACE_LOCK];
	uint32_t turn = __atomic_load_n(&last->turn, __ATOMIC_ACQUIRE);
	struct watch_quick quick;

	watch->now = now;
	quick.watch = watch;
	quick.file = file;
	quick.families = section ? section_families(event) : watch_quick_families(file, event);
	if (!quick.families || !is_fresh(file, now))
		return false;
	if (__builtin_expect(turn & 1 || !is_like(last, watch, file, quick.families), 0))
		turn = watch_template_renew(last, watch, file, quick.families);
	if (!turn || !copy(&quick.words, last, turn) ||
	    !trace_open_quick(&quick.opened, size, now, file->epoch))
		return false;
	if (section)
		finish_section(&quick);
	else
		finish_flock(&quick);
	watch_told.inside = false;
	return true;
}

/* A call that came back with 0 at once, where trace alone is to be told, or nobody: does what is to
 * be done of it. False: nothing was done. */
static inline __attribute__((always_inline)) bool watch_quick(struct watch *watch,
							      const bool section)
{
	struct watch_file *file = watch_file_known(watch->event.fd);

	if (!file || watch_told.hazards || watch->probed)
		return false;
	if (__builtin_expect(file->quick == WATCH_BRIEF, 1))
		return watch_quick_write(watch, file, section);
	return file->quick == WATCH_QUIET && watch_quick_quiet(watch, file);
}

/* A handler's call, in the midst of another; or one that comes after a handler jumped out. */
int watch_nested(struct watch *watch, watch_act *act, void *context);

/* Makes the call by ACT, whose result is returned with its errno. SECTION: its event may be of one.
 */
static inline __attribute__((always_inline)) int watch_call(struct watch *watch, watch_act *act,
							    void *context, const bool section)
{
	int result;

	if (__builtin_expect(watch_told.inside, 0))
		return watch_nested(watch, act, context);
	watch_enter();
	if (watch->probed)
		watch_probe_request(watch);
	watch->now = 0;
	result = act(context, watch->event.flags & TRACE_BLOCKING);
	if (__builtin_expect(!result, 1) && watch_quick(watch, section))
		return 0;
	return watch_answered(watch, act, context, result);
}

#endif
