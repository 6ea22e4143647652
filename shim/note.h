/* SPDX-License-Identifier: MIT
 * What this process last saw of a descriptor number: the families that the lock call on it used.
 * A note may be missing at any time; the closes that we wrap remove it. */
#ifndef LOCKSHIM_NOTE_H
#define LOCKSHIM_NOTE_H

#include <stdint.h>

#include "policy/policy.h"

/* Bits. A note with no family in it tells at most that there is no shared lock to let go of. */
enum note {
	NOTE_NONE = 0,
	NOTE_NATIVE = POLICY_FAMILY_NATIVE,
	NOTE_OFD = POLICY_FAMILY_OFD,
	NOTE_POSIX = POLICY_FAMILY_POSIX,
	NOTE_FAMILIES = NOTE_NATIVE | NOTE_OFD | NOTE_POSIX,
	NOTE_CONVERTED = NOTE_OFD | NOTE_POSIX,
	NOTE_SHARED = 1 << 3, /* LOCK_SH was granted through it */
	NOTE_KEPT = 1 << 4,   /* a keeper holds the lock */
	NOTE_ASKED = 1 << 5,  /* no lock was granted through it, and none shared came with it */
	NOTE_AROUND = 1 << 6, /* a rule says what is done before it is let go */
};

/* Beside the note, of the description rather than of the last call: also a duplicate has them,
 * where the dup was seen. */
enum note_mark {
	MARK_RANGES = 1 << 0, /* the program's record locks were granted through it as OFD locks */
	MARK_HEIR = 1 << 1,   /* another process may have the description */
	MARK_LOADED = 1 << 2, /* it was open when the process began */
	MARK_TWIN = 1 << 3,   /* another number has the description */
	MARK_POSIX_CALLS = 1 << 4, /* the program's OFD calls became POSIX locks */
	/* These only where hazards are shown: */
	MARK_HELD = 1 << 5,   /* a POSIX lock was granted through it that a rule made */
	MARK_RECORD = 1 << 6, /* a POSIX lock of the program's own */
	MARK_TAKEN = 1 << 7,  /* an OFD lock of the program's own */
};

/* From here on this process may write notes, and so may the children that it forks. */
void note_start(void);

/* NOTE_NONE: ask the kernel. A number closed in a way that we don't see (a raw system call,
 * io_uring) keeps its note, so a note never tells what object a number is for LOCK_SH. */
#define NOTES 4096
extern unsigned char note_of[NOTES];
static inline unsigned note_get(int fd)
{
	return (unsigned)fd < NOTES ? __atomic_load_n(&note_of[fd], __ATOMIC_RELAXED) : NOTE_NONE;
}

/* Only forgets in a vfork child, whose memory is its parent's but whose descriptors are not. */
void note_set(int fd, unsigned note);

/* The same in any process: where a wrong note could do no harm. No system call. */
void note_put(int fd, unsigned note);

/* The first number from AT on whose note has one of BITS; -1: none. */
int note_next(int at, unsigned bits);

/* 0 for a number above the first 4,096; a vfork child only reads. */
extern unsigned char note_marks_of[NOTES];
static inline unsigned note_marks(int fd)
{
	return (unsigned)fd < NOTES ? __atomic_load_n(&note_marks_of[fd], __ATOMIC_RELAXED) : 0;
}

void note_mark_new(int fd, unsigned marks);
static inline void note_mark(int fd, unsigned marks)
{
	if ((note_marks(fd) & marks) != marks)
		note_mark_new(fd, marks);
}

void note_unmark(int fd, unsigned marks);
/* TO is a duplicate of FROM; nothing where TO is negative. From note_watch_twins() on both are
 * marked for that. */
void note_watch_twins(void);
void note_copy_marks(int from, int to);
/* The first number from AT on with one of MARKS; -1: none. */
int note_next_marked(int at, unsigned marks);

/* A hash of the number's file, as far as somebody asked for it: 0 where not. Goes with the marks.
 */
void note_set_file(int fd, uint32_t hash);
uint32_t note_file(int fd);
/* The first number from AT on with that hash; -1: none. */
int note_next_file(int at, uint32_t hash);

void note_forget(int fd);
/* The number was closed: neither note nor marks. */
void note_closed(int fd);
void note_closed_range(unsigned first, unsigned last);
void note_forget_range(unsigned first, unsigned last);

#endif
