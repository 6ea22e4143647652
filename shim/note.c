/* SPDX-License-Identifier: MIT
 * Notes by descriptor number: a byte each, no lock, no allocation. */
#include "shim/note.h"

#include <pthread.h>
#include <stdint.h>

#include "policy/sys.h"

unsigned char note_of[NOTES];
unsigned char note_marks_of[NOTES];
static uint32_t file_of[NOTES];
static unsigned highest; /* no note stands above */

/* The process that may write. A vfork child shares our memory and has another number; a child of a
 * raw fork too: it does without notes. */
static int owner;

static void take_over(void)
{
	__atomic_store_n(&owner, sys_getpid(), __ATOMIC_RELAXED);
}

void note_start(void)
{
	take_over();
	(void)pthread_atfork(NULL, NULL, take_over);
}

static int may_write(void)
{
	return __atomic_load_n(&owner, __ATOMIC_RELAXED) == sys_getpid();
}

static void raise_highest(unsigned fd)
{
	unsigned seen = __atomic_load_n(&highest, __ATOMIC_RELAXED);

	while (seen < fd && !__atomic_compare_exchange_n(&highest, &seen, fd, 1, __ATOMIC_RELAXED,
							 __ATOMIC_RELAXED))
		;
}

void note_put(int fd, unsigned note)
{
	if (fd < 0 || fd >= NOTES || note_get(fd) == note)
		return;
	raise_highest((unsigned)fd);
	__atomic_store_n(&note_of[fd], (unsigned char)note, __ATOMIC_RELAXED);
}

void note_set(int fd, unsigned note)
{
	if (fd >= 0 && fd < NOTES && note_get(fd) != note)
		note_put(fd, may_write() ? note : NOTE_NONE);
}

void note_forget(int fd)
{
	if (note_get(fd) != NOTE_NONE)
		__atomic_store_n(&note_of[fd], NOTE_NONE, __ATOMIC_RELAXED);
}

void note_closed(int fd)
{
	note_forget(fd);
	if (!note_marks(fd))
		return;
	note_set_file(fd, 0);
	note_unmark(fd, ~0u);
}

void note_closed_range(unsigned first, unsigned last)
{
	unsigned top = __atomic_load_n(&highest, __ATOMIC_RELAXED);

	for (; first <= last && first <= top; first++)
		note_closed((int)first);
}

void note_forget_range(unsigned first, unsigned last)
{
	unsigned top = __atomic_load_n(&highest, __ATOMIC_RELAXED);

	for (; first <= last && first <= top; first++)
		note_forget((int)first);
}

int note_next(int at, unsigned bits)
{
	int top = (int)__atomic_load_n(&highest, __ATOMIC_RELAXED);

	for (; at <= top; at++)
		if (note_get(at) & bits)
			return at;
	return -1;
}

void note_mark_new(int fd, unsigned marks)
{
	if (fd < 0 || fd >= NOTES || !may_write())
		return;
	raise_highest((unsigned)fd);
	(void)__atomic_fetch_or(&note_marks_of[fd], (unsigned char)marks, __ATOMIC_RELAXED);
}

void note_unmark(int fd, unsigned marks)
{
	if (note_marks(fd) & marks && may_write())
		(void)__atomic_fetch_and(&note_marks_of[fd], (unsigned char)~marks,
					 __ATOMIC_RELAXED);
}

static bool twins_watched;

void note_watch_twins(void)
{
	__atomic_store_n(&twins_watched, true, __ATOMIC_RELAXED);
}

void note_copy_marks(int from, int to)
{
	if (to < 0)
		return;
	if (__atomic_load_n(&twins_watched, __ATOMIC_RELAXED))
		note_mark(from, MARK_TWIN);
	note_mark(to, from < NOTES ? note_marks(from) : MARK_HEIR);
	note_set_file(to, note_file(from));
}

int note_next_marked(int at, unsigned marks)
{
	int top = (int)__atomic_load_n(&highest, __ATOMIC_RELAXED);

	for (; at <= top; at++)
		if (note_marks(at) & marks)
			return at;
	return -1;
}

void note_set_file(int fd, uint32_t hash)
{
	if (fd >= 0 && fd < NOTES && note_file(fd) != hash && may_write())
		__atomic_store_n(&file_of[fd], hash, __ATOMIC_RELAXED);
}

uint32_t note_file(int fd)
{
	return fd >= 0 && fd < NOTES ? __atomic_load_n(&file_of[fd], __ATOMIC_RELAXED) : 0;
}

int note_next_file(int at, uint32_t hash)
{
	int top = (int)__atomic_load_n(&highest, __ATOMIC_RELAXED);

	for (; at <= top; at++)
		if (note_file(at) == hash)
			return at;
	return -1;
}
