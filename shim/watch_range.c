/* SPDX-License-Identifier: MIT
 * One table of fixed size, taken by one thread at a time: who finds it taken goes without. */
#include "shim/watch_range.h"

#include <stddef.h>

#include "policy/sys.h"
#include "shim/mixed.h"
#include "shim/no_canary.h"
#include "shim/watch_internal.h"

#define SECTIONS 1024
#define TRIES 1000

static struct watch_section *sections; /* used 0: a free place */
static unsigned top, posix;            /* places in use end below top; how many are POSIX */
static bool taken;

static void leave(void)
{
	__atomic_clear(&taken, __ATOMIC_RELEASE);
}

static bool is_there(void)
{
	if (!sections)
		__atomic_store_n(&sections, sys_pages(SECTIONS * sizeof *sections),
				 __ATOMIC_RELEASE);
	if (!sections)
		leave();
	return sections;
}

static __attribute__((noinline)) bool enter_late(void)
{
	unsigned i;

	for (i = 0; __atomic_test_and_set(&taken, __ATOMIC_ACQUIRE); i++)
		if (i == TRIES)
			return false;
	return is_there();
}

static inline bool enter(void)
{
	if (__builtin_expect(__atomic_test_and_set(&taken, __ATOMIC_ACQUIRE), 0))
		return enter_late();
	return __builtin_expect(sections != NULL, 1) || is_there();
}

static void add_posix(const struct watch_section *section, int count)
{
	if (section->used == TRACE_FAMILY_POSIX)
		__atomic_store_n(&posix, posix + (unsigned)count, __ATOMIC_RELAXED);
}

static inline void drop(struct watch_section *section)
{
	add_posix(section, -1);
	section->used = 0;
	while (top && !sections[top - 1].used)
		top--;
}

static inline void keep(const struct watch_section *section)
{
	unsigned i = 0;

	while (i < top && sections[i].used)
		i++;
	if (__builtin_expect(i == SECTIONS, 0))
		return;
	sections[i] = *section;
	if (i == top)
		top++;
	add_posix(section, 1);
}

static inline bool is_owners(const struct watch_section *one, const struct watch_section *other)
{
	return one->used == other->used && one->device == other->device &&
	       one->inode == other->inode &&
	       (one->used == TRACE_FAMILY_POSIX ||
		(one->owner == other->owner && (one->owner || one->fd == other->fd)));
}

/* What SECTION leaves of the one at PLACE stays held. */
static __attribute__((noinline)) void cut(unsigned place, struct watch_section section)
{
	struct watch_section before = sections[place], behind = before;

	drop(&sections[place]);
	if (before.start < section.start) {
		before.end = section.start - 1;
		keep(&before);
	}
	if (behind.end > section.end) {
		behind.start = section.end + 1;
		keep(&behind);
	}
}

/* What a section takes the place of. */
struct before {
	uint64_t granted; /* the oldest; 0: nothing was held there */
	unsigned recorded;
	bool exclusive, shared;
};

static inline __attribute__((always_inline)) void take_out(const struct watch_section *section,
							   struct before *ret)
{
	unsigned i, last = top;

	for (i = 0; i < last && i < top; i++) {
		struct watch_section *held = &sections[i];

		if (!held->used || !is_owners(held, section) || held->start > section->end ||
		    held->end < section->start)
			continue;
		if (!ret->granted || held->granted < ret->granted)
			ret->granted = held->granted;
		ret->exclusive |= held->exclusive;
		ret->shared |= !held->exclusive;
		ret->recorded |= held->recorded;
		if (held->start >= section->start && held->end <= section->end)
			drop(held);
		else
			cut(i, *section);
	}
}

/* Held from now on; asked for again as it is: since then. */
static inline __attribute__((always_inline)) void hold(struct watch_section *section,
						       const struct before *before)
{
	if (before->granted && before->exclusive != before->shared &&
	    before->exclusive == section->exclusive)
		section->granted = before->granted;
	keep(section);
}

/* The section is written once, into its place: what is filled in here stays in registers. */
NO_CANARY unsigned watch_section_over(struct trace_event *event, const struct watch_file *file,
				      const void *owner, unsigned recorded)
{
	struct before before = { .granted = 0 };
	struct watch_section section = {
		.device = file->device,
		.inode = file->inode,
		.owner = owner,
		.start = event->start,
		.end = event->length ? event->start + event->length - 1 : MIXED_EOF,
		.granted = event->time,
		.fd = event->fd,
		.call = event->call,
		.used = event->used,
		.recorded = (uint8_t)recorded,
		.exclusive = event->operation == TRACE_EXCLUSIVE,
	};
	bool releases = event->id == TRACE_RELEASE;

	if ((section.used != TRACE_FAMILY_OFD && section.used != TRACE_FAMILY_POSIX) || !enter())
		return 0;
	take_out(&section, &before);
	if (!releases)
		hold(&section, &before);
	leave();
	if (!before.granted)
		return 0;
	if (releases) {
		watch_held_since(event, before.granted);
		return before.recorded;
	}
	if (section.exclusive ? before.shared : before.exclusive) {
		event->flags |= TRACE_CONVERTED;
		watch_held_since(event, before.granted);
	}
	return 0;
}

bool watch_range_has_posix(void)
{
	return __atomic_load_n(&posix, __ATOMIC_RELAXED) != 0;
}

struct wanted {
	uint64_t device, inode;
	const void *owner;
	unsigned family; /* 0: any */
};

static bool fits(const struct watch_section *held, const struct wanted *wanted)
{
	if (!held->used || !wanted->family)
		return held->used;
	if (held->used != wanted->family)
		return false;
	return held->used == TRACE_FAMILY_OFD
		       ? held->owner == wanted->owner
		       : held->device == wanted->device && held->inode == wanted->inode;
}

static bool take(const struct wanted *wanted, struct watch_section *ret)
{
	unsigned i = 0;
	bool found;

	if (!__atomic_load_n(&sections, __ATOMIC_ACQUIRE) || !enter())
		return false;
	while (i < top && !fits(&sections[i], wanted))
		i++;
	found = i < top;
	if (found) {
		*ret = sections[i];
		drop(&sections[i]);
	}
	leave();
	return found;
}

bool watch_range_take_posix(uint64_t device, uint64_t inode, struct watch_section *ret)
{
	return take(&(struct wanted){ device, inode, NULL, TRACE_FAMILY_POSIX }, ret);
}

bool watch_range_take_ofd(const void *owner, struct watch_section *ret)
{
	return take(&(struct wanted){ .owner = owner, .family = TRACE_FAMILY_OFD }, ret);
}

bool watch_range_take_any(struct watch_section *ret)
{
	return take(&(struct wanted){ 0 }, ret);
}

bool watch_range_has_posix_on(uint64_t device, uint64_t inode)
{
	const struct wanted wanted = { device, inode, NULL, TRACE_FAMILY_POSIX };
	bool found = false;
	unsigned i;

	if (!__atomic_load_n(&sections, __ATOMIC_ACQUIRE))
		return false;
	if (!enter())
		return true;
	for (i = 0; i < top; i++)
		found |= fits(&sections[i], &wanted);
	leave();
	return found;
}

/* Another thread of the parent may have had the table. */
void watch_range_forked(void)
{
	unsigned i;

	for (i = 0; sections && i < top; i++)
		sections[i].used = 0;
	top = posix = 0;
	leave();
}
