/* SPDX-License-Identifier: MIT
 * open-mode = reopen: a second description of the file, open for reading and writing, holds the
 * lock for one that was not opened for it. It follows the original's numbers as far as calls pass
 * our wrappers. Atomics only; errno as it was. */
#ifndef LOCKSHIM_STANDIN_H
#define LOCKSHIM_STANDIN_H

#include <stdbool.h>

/* True where a rule says `reopen`: constant after load. Nothing below does anything before. */
extern bool standin_rules;
static inline bool standin_watching(void)
{
	return __atomic_load_n(&standin_rules, __ATOMIC_RELAXED);
}

/* A stand-in for FD, which has none: its number. -EBADF where there can be none, which is said
 * once; -EINTR. What FD holds as an OFD lock goes over to it; nobody who asks for the whole file
 * has a moment between. */
int standin_make(int fd);

/* The number to lock through: FD's stand-in, found to be what it was, or FD itself. */
int standin_find(int fd);
static inline int standin_through(int fd)
{
	return standin_watching() ? standin_find(fd) : fd;
}

/* Told of a lock that was granted through a stand-in. */
void standin_granted(int number, bool shared);

/* True where FD is a stand-in: closed by nobody but us. */
bool standin_is(int fd);

/* The lowest stand-in from AT to LAST; -1: none. */
int standin_next(unsigned at, unsigned last);

/* Before another description is put on FD: a stand-in there gets another number. */
void standin_make_way(int fd);

/* A number is about to be closed or replaced; then what came of it. The last one of a description
 * closes its stand-in. */
unsigned standin_leave(int fd);
void standin_left(int fd, unsigned leaving);
void standin_stays(int fd, unsigned leaving);

/* The same for a range of numbers. */
void standin_leave_range(unsigned first, unsigned last);
void standin_left_range(unsigned first, unsigned last);
void standin_stays_range(unsigned first, unsigned last);

/* FROM is about to be duplicated, or to be given or to lose close-on-exec; CLOEXEC: what the number
 * will have. Then the new number, or that the flag was set. */
void standin_copying(int from, bool cloexec);
void standin_copied(int from, int to);
void standin_flagged(int fd);
void standin_flagged_all(void);

#endif
