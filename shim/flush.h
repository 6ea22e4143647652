/* SPDX-License-Identifier: MIT
 * on-unlock: the file's data is on stable storage, or at the server, before a lock on it is let go.
 * Where it is not known whether a call lets go of one, it is flushed. */
#ifndef LOCKSHIM_FLUSH_H
#define LOCKSHIM_FLUSH_H

#include <stdbool.h>
#include <stdio.h>

#include "shim/decide.h"
#include "shim/heed.h"

/* True where a rule of this process has on-unlock or on-lock: constant after load. What the
 * wrappers of closes and ends call is to be called only where it is true; all else only where
 * shim_state()->flushes is. */
static inline bool flush_on(void)
{
	return __builtin_expect(heed() & HEED_FLUSH, 0);
}

/* Once, with the state: another library's constructor may lock, and close, before ours. */
void flush_start(void);

/* All may take as long as the disk or server does: never with signals held back. errno is as it
 * was. What answers an int answers 0, or -EIO where a flush failed and the rule says that it be
 * told. */

/* Before LOCK_SH or LOCK_EX (OPERATION) on FD: what a conversion lets go of. KEEPS: a shared lock
 * is kept until the exclusive one is granted. Then, once it was granted. */
int flush_before_flock(int fd, int operation, const struct policy_actions *around, bool keeps);
void flush_note_flock(int fd, bool exclusive, const struct decision *made);

/* Around LOCK_UN. */
int flush_before_unlock(int fd);
void flush_note_unlock(int fd);

/* Around F_SETLK, F_SETLKW, their OFD kin and lockf. TYPE, OFD (one of the OFD commands) and WHOLE
 * (the file's all bytes) are the caller's to say. */
struct flush_record {
	int fd;
	short type;
	bool ofd, whole;
	int failed;
};
void flush_before_record(struct flush_record *record);
int flush_record_done(const struct flush_record *record);

/* Before these numbers are closed. */
int flush_closing(unsigned first, unsigned last);

/* They were not closed after all: what they hold is no longer known. */
void flush_not_closed(void);

/* Before STREAM, whose descriptor is FD, is closed: what it has in its buffer goes along, or the
 * -errno is answered that kept it. */
int flush_closing_stream(FILE *stream, int fd);

/* RESULT of the program's own fsync or fdatasync of FD, or -1 and errno: what a flush of ours was
 * told in its place. */
int flush_answer_sync(int fd, int result);

/* Before TO is replaced; and once it is a duplicate of FROM. */
void flush_replacing(int to);
void flush_note_copy(int from, int to);

/* Before this process becomes another program, which closes some numbers, and before it ends, which
 * closes all. */
void flush_before_exec(void);
void flush_before_end(void);

#endif
