/* SPDX-License-Identifier: MIT
 * What is seldom on the quick way. */
#include "shim/watch_quick.h"

_Static_assert(WATCH_NUMBERS <= UINT16_MAX + 1, "a number fits in a brief record");

static uint32_t flags_of(const struct trace_event *event, const struct watch_file *file)
{
	return event->flags | (file->read_only ? TRACE_READ_ONLY : 0) |
	       (watch_file_is_shared(file) ? TRACE_INHERITED : 0);
}

/* False where a brief record has no room for this one. */
static bool fill(struct trace_brief *ret, const struct watch *watch, const struct watch_file *file,
		 unsigned families, struct watch_pair names)
{
	const struct trace_event *event = &watch->event;
	uint32_t module, numbers;
	uint64_t offset;

	memcpy(&numbers, &names, sizeof numbers);
	trace_site(watch->site, &module, &offset);
	if ((module | offset >> 16) > UINT16_MAX)
		return false;
	*ret = (struct trace_brief){
		.id = (uint8_t)((event->id == TRACE_LOCK ? TRACE_BRIEF_LOCK : TRACE_BRIEF_RELEASE) +
				(watch->section ? TRACE_PART_LOCK - TRACE_BRIEF_LOCK : 0)),
		.call = event->call,
		.operation = event->operation,
		.asked = event->asked,
		.used = (uint8_t)families,
		.flags = (uint8_t)flags_of(event, file),
		.fd = (uint16_t)event->fd,
		.file = (uint16_t)numbers,
		.rule = (uint16_t)(numbers >> 16),
		.module = (uint16_t)module,
		.offset = (uint32_t)offset,
	};
	return true;
}

static void store_pair(struct watch_pair *into, struct watch_pair pair)
{
	for (unsigned i = 0; i < sizeof pair / sizeof *pair.at; i++)
		__atomic_store_n(&into->at[i], pair.at[i], __ATOMIC_RELEASE);
}

/* Each store releases and each load of the reader acquires, so no word is seen outside its turn. */
uint32_t watch_template_renew(struct watch_template *last, const struct watch *watch,
			      const struct watch_file *file, unsigned families)
{
	uint32_t turn = __atomic_load_n(&last->turn, __ATOMIC_RELAXED);
	struct watch_pair names = watch_pair_load(&file->names);
	struct trace_brief brief;
	const watch_word *from = (const watch_word *)&brief;

	if (turn & 1 || !fill(&brief, watch, file, families, names) ||
	    !__atomic_compare_exchange_n(&last->turn, &turn, turn + 1, 0, __ATOMIC_ACQ_REL,
					 __ATOMIC_RELAXED))
		return 0;
	for (unsigned i = WATCH_WORDS_FROM; i < WATCH_WORDS; i++)
		__atomic_store_n(&last->words.at[i], from[i], __ATOMIC_RELEASE);
	store_pair(&last->names, names);
	store_pair(&last->call, watch_template_call(&watch->event));
	__atomic_store_n(&last->kind, watch_template_kind(&watch->event, file, families),
			 __ATOMIC_RELEASE);
	/* Where the module can't be told now it is asked for again. */
	__atomic_store_n(&last->site, brief.module ? watch->site : NULL, __ATOMIC_RELEASE);
	__atomic_store_n(&last->turn, turn + 2, __ATOMIC_RELEASE);
	return turn + 2;
}

/* To some milliseconds, and in a third of the time: of what nobody is told. */
static uint64_t roughly_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME_COARSE, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

bool watch_quick_quiet(struct watch *watch, struct watch_file *file)
{
	struct trace_event *event = &watch->event;
	unsigned families;
	uint64_t now;

	/* A release is told of where its grant was. */
	if (watch->section || file->recorded)
		return false;
	families = watch_quick_families(file, event);
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

void watch_quick_whole(const struct trace_opened *opened, const struct watch *watch,
		       const struct watch_file *file, unsigned families, uint64_t held)
{
	struct trace_event event = {
		.time = opened->time,
		.id = watch->event.id,
		.call = watch->event.call,
		.operation = watch->event.operation,
		.asked = watch->event.asked,
		.used = (uint8_t)families,
		.flags = flags_of(&watch->event, file) | TRACE_HELD,
		.fd = watch->event.fd,
		.device = file->device,
		.inode = file->inode,
		.held = held,
		.file = file->path,
		.rule = file->rule,
	};

	trace_site(watch->site, &event.module, &event.offset);
	if (watch->section) {
		event.start = watch->event.start;
		event.length = watch->event.length;
	}
	trace_abandon(opened);
	trace_write(&event);
}

int watch_nested(struct watch *watch, watch_act *act, void *context)
{
	struct watch_told outer = watch_told;
	int result;

	watch_enter();
	if (watch->probed)
		watch_probe_request(watch);
	watch->now = 0;
	result = act(context, watch->event.flags & TRACE_BLOCKING);
	if (result || !(watch->section ? watch_quick(watch, true) : watch_quick(watch, false)))
		result = watch_answered(watch, act, context, result);
	watch_told = outer;
	return result;
}
