/* SPDX-License-Identifier: MIT
 * The call that a program makes a million times: a lock granted at once, or let go. What watch.c
 * would tell of it, written straight into the trace. Inline: each instruction of it is paid for. */
#ifndef LOCKSHIM_WATCH_QUICK_H
#define LOCKSHIM_WATCH_QUICK_H

#include "shim/note.h"
#include "shim/watch_internal.h"
#include "trace/writer_open.h"

/* Makes LAST the template of this call. Returns the turn that it has, 0 where it was not written:
 * of two threads that come with different calls one goes the long way. FAMILIES: what became of it.
 */
uint32_t watch_template_renew(struct watch_template *last, const struct watch *watch,
			      const struct watch_file *file, unsigned families);

/* Where trace alone is asked for, and of contended calls or errors: nobody is told of this one. */
bool watch_quick_quiet(struct watch *watch, struct watch_file *file);

/* In the place of OPENED: a brief record has no room for how long it was held. */
void watch_quick_whole(const struct trace_opened *opened, struct watch_words words,
		       const struct watch *watch, const struct watch_file *file, uint64_t held);

/* Of a flock: 0 where it is converted, a keeper holds it, or nothing is known. */
static inline unsigned watch_quick_families(const struct watch_file *file,
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

static inline bool is_like(const struct watch_template *last, const struct watch *watch,
			   const struct watch_file *file, unsigned families)
{
	const struct trace_event *event = &watch->event;

	return __atomic_load_n(&last->site, __ATOMIC_ACQUIRE) == watch->site &&
	       __atomic_load_n(&last->names, __ATOMIC_ACQUIRE) == file->names &&
	       __atomic_load_n(&last->epoch, __ATOMIC_ACQUIRE) == (uint32_t)file->epoch &&
	       __atomic_load_n(&last->kind, __ATOMIC_ACQUIRE) == watch_template_kind(event) &&
	       __atomic_load_n(&last->flags, __ATOMIC_ACQUIRE) == event->flags &&
	       __atomic_load_n(&last->fd, __ATOMIC_ACQUIRE) == event->fd &&
	       __atomic_load_n(&last->families, __ATOMIC_ACQUIRE) == families &&
	       __atomic_load_n(&last->file, __ATOMIC_ACQUIRE) == watch_template_file(file);
}

/* False where another thread wrote it meanwhile. */
static inline bool copy(struct watch_words *ret, const struct watch_template *last, uint32_t turn)
{
#pragma GCC unroll 8
	for (unsigned i = 0; i < WATCH_WORDS; i++)
		ret->at[i] = __atomic_load_n(&last->words.at[i], __ATOMIC_ACQUIRE);
	return __atomic_load_n(&last->turn, __ATOMIC_RELAXED) == turn;
}

/* All that goes into the record goes there now, behind a last look: before that a handler may have
 * forked, and this be the child. */
static inline void store(const struct trace_opened *opened, const struct watch_words *words,
			 unsigned flags, uint64_t held)
{
	struct trace_brief *brief = opened->brief;
	watch_word *to = (watch_word *)brief;

	if (__builtin_expect(!trace_is_still_open(opened), 0))
		return;
#pragma GCC unroll 8
	for (unsigned i = sizeof brief->time / sizeof(long); i < WATCH_WORDS; i++)
		to[i] = words->at[i];
	brief->time = opened->time;
	if (flags)
		brief->flags |= (uint8_t)flags;
	brief->tid = opened->tid;
	brief->held = (uint32_t)held;
}

static inline void finish(const struct trace_opened *opened, const struct watch_words *words,
			  const struct watch *watch, const struct watch_file *file, unsigned flags,
			  uint64_t held)
{
	if (__builtin_expect(held > UINT32_MAX, 0)) {
		watch_quick_whole(opened, *words, watch, file, held);
		return;
	}
	store(opened, words, flags, held);
	trace_close(opened);
}

static inline void finish_flock(const struct trace_opened *opened, const struct watch_words *words,
				struct watch *watch, struct watch_file *file, unsigned families)
{
	uint64_t granted = file->granted;

	if (watch->event.id == TRACE_RELEASE) {
		file->granted = 0;
		finish(opened, words, watch, file, granted ? TRACE_HELD : 0,
		       granted ? watch_since(granted, opened->time) : 0);
		return;
	}
	watch_flock_granted(file, opened->time, watch->event.operation == TRACE_EXCLUSIVE,
			    families);
	file->recorded = WATCH_TRACE;
	finish(opened, words, watch, file, 0, 0);
}

static inline void finish_section(const struct trace_opened *opened,
				  const struct watch_words *words, struct watch *watch,
				  struct watch_file *file, unsigned families)
{
	struct trace_event *event = &watch->event;

	event->time = opened->time;
	event->used = (uint8_t)families;
	event->held = 0;
	(void)watch_section_over(event, file, file, WATCH_TRACE);
	if (__builtin_expect(trace_is_still_open(opened), 1)) {
		opened->part->start = event->start;
		opened->part->length = event->length;
	}
	finish(opened, words, watch, file, event->flags, event->held);
}

/* As watch_file_is_fresh(): a file that has a name has the epoch of one. */
static inline bool is_fresh(const struct watch_file *file, uint64_t now)
{
	return now - file->checked < WATCH_FRESH &&
	       file->epoch == __atomic_load_n(&writer_state->started, __ATOMIC_RELAXED);
}

/* SECTION is constant where this is compiled. */
static inline __attribute__((always_inline)) bool
watch_quick_write(struct watch *watch, struct watch_file *file, const bool section)
{
	const struct trace_event *event = &watch->event;
	struct watch_template *last = &file->template[event->id == TRACE_LOCK];
	unsigned families = section ? section_families(event) : watch_quick_families(file, event);
	uint32_t turn = __atomic_load_n(&last->turn, __ATOMIC_ACQUIRE);
	struct trace_opened opened;
	struct watch_words words;
	uint64_t now;

	if (!families)
		return false;
	if (turn & 1 || !is_like(last, watch, file, families))
		turn = watch_template_renew(last, watch, file, families);
	if (!turn)
		return false;
	now = trace_now();
	if (!is_fresh(file, now) || !copy(&words, last, turn) ||
	    !trace_open(&opened, section ? sizeof *opened.part : sizeof *opened.brief, now))
		return false;
	if (section)
		finish_section(&opened, &words, watch, file, families);
	else
		finish_flock(&opened, &words, watch, file, families);
	watch_told.inside = false;
	return true;
}

/* A call that came back with 0 at once, where trace alone is to be told, or nobody: does what is to
 * be done of it. False: nothing was done. */
static inline __attribute__((always_inline)) bool watch_quick(struct watch *watch,
							      const bool section)
{
	struct watch_file *file = watch_file_known(watch->event.fd);

	if (!file || file->quick == WATCH_SLOW || watch_told.hazards || watch->probed)
		return false;
	if (__builtin_expect(file->quick == WATCH_QUIET, 0))
		return watch_quick_quiet(watch, file);
	return watch_quick_write(watch, file, section);
}

/* Makes the call by ACT, whose result is returned with its errno. SECTION: its event may be of one.
 */
static inline __attribute__((always_inline)) int watch_call(struct watch *watch, watch_act *act,
							    void *context, const bool section)
{
	bool inner = watch_told.inside;
	struct watch_told outer;
	int result;

	/* A handler's call, in the midst of another. */
	if (__builtin_expect(inner, 0))
		outer = watch_told;
	watch_enter();
	if (watch->probed)
		watch_probe_request(watch);
	result = act(context, watch->event.flags & TRACE_BLOCKING);
	if (result || !watch_quick(watch, section))
		result = watch_answered(watch, act, context, result);
	if (__builtin_expect(inner, 0))
		watch_told = outer;
	return result;
}

#endif
