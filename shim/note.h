/* SPDX-License-Identifier: MIT
 * What this process last saw of a descriptor number: the family that the lock call on it used.
 * A note may be missing at any time; the closes that we wrap remove it. */
#ifndef LOCKSHIM_NOTE_H
#define LOCKSHIM_NOTE_H

enum note {
	NOTE_NONE,
	NOTE_ASKED, /* no lock was granted through it, and none shared came with it */
	NOTE_NATIVE,
	NOTE_OFD,
	NOTE_OFD_SHARED, /* the same, and LOCK_SH was granted through it */
};

/* From here on this process may write notes, and so may the children that it forks. */
void note_start(void);

/* NOTE_NONE: ask the kernel. A number closed in a way that we don't see (a raw system call,
 * io_uring) keeps its note, so a note never tells what object a number is for LOCK_SH. */
enum note note_get(int fd);

/* Only forgets in a vfork child, whose memory is its parent's but whose descriptors are not. */
void note_set(int fd, enum note note);

/* The same in any process: where a wrong note could do no harm. No system call. */
void note_put(int fd, enum note note);

void note_forget(int fd);
void note_forget_range(unsigned first, unsigned last);

#endif
