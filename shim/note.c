/* SPDX-License-Identifier: MIT
 * Notes by descriptor number: a byte each, no lock, no allocation but one page. */
#include "shim/note.h"

#include <stdint.h>

#include "policy/sys.h"

#ifndef MADV_WIPEONFORK
#define MADV_WIPEONFORK 18
#endif

#define NOTES 4096

static unsigned char notes[NOTES];
static unsigned highest; /* no note stands above */

/* The process that may write notes, in a page that the kernel zeroes in a forked child and shares
 * with a vforked one: the first finds 0 and enters itself, the second finds its parent. */
static int *owner_page;
static int nobody = -1; /* stands for the page where the kernel (before 4.14) has no such pages */

static int *owner_make(void)
{
	int *page = sys_pages(4096);

	if (page && !sys_madvise(page, 4096, MADV_WIPEONFORK))
		return page;
	if (page)
		sys_pages_free(page, 4096);
	return &nobody;
}

static int *owner_slot(void)
{
	int *page = __atomic_load_n(&owner_page, __ATOMIC_ACQUIRE), *other = NULL;

	if (page)
		return page;
	page = owner_make();
	if (__atomic_compare_exchange_n(&owner_page, &other, page, 0, __ATOMIC_ACQ_REL,
					__ATOMIC_ACQUIRE))
		return page;
	if (page != &nobody)
		sys_pages_free(page, 4096);
	return other;
}

static int may_write(void)
{
	int *slot = owner_slot(), self = sys_getpid(), owner = 0;

	return __atomic_compare_exchange_n(slot, &owner, self, 0, __ATOMIC_RELAXED,
					   __ATOMIC_RELAXED) ||
	       owner == self;
}

enum note note_get(int fd)
{
	if (fd < 0 || fd >= NOTES)
		return NOTE_NONE;
	return (enum note)__atomic_load_n(&notes[fd], __ATOMIC_RELAXED);
}

static void raise_highest(unsigned fd)
{
	unsigned seen = __atomic_load_n(&highest, __ATOMIC_RELAXED);

	while (seen < fd && !__atomic_compare_exchange_n(&highest, &seen, fd, 1, __ATOMIC_RELAXED,
							 __ATOMIC_RELAXED))
		;
}

void note_set(int fd, enum note note)
{
	if (fd < 0 || fd >= NOTES || note_get(fd) == note || !may_write())
		return;
	raise_highest((unsigned)fd);
	__atomic_store_n(&notes[fd], (unsigned char)note, __ATOMIC_RELAXED);
}

void note_forget(int fd)
{
	if (note_get(fd) != NOTE_NONE)
		__atomic_store_n(&notes[fd], NOTE_NONE, __ATOMIC_RELAXED);
}

void note_forget_range(unsigned first, unsigned last)
{
	unsigned top = __atomic_load_n(&highest, __ATOMIC_RELAXED);

	for (; first <= last && first <= top; first++)
		note_forget((int)first);
}
