/* SPDX-License-Identifier: MIT
 * For trace and log: since when the program holds which sections of a file. A memory that decides
 * nothing; where there is no room, a time of holding is missing. */
#ifndef LOCKSHIM_WATCH_RANGE_H
#define LOCKSHIM_WATCH_RANGE_H

#include <stdbool.h>
#include <stdint.h>

/* Bytes, both ends included. A line of the cache each. */
struct watch_section {
	uint64_t device, inode;
	int64_t start, end;
	uint64_t granted;  /* since when */
	const void *owner; /* the description (struct watch_file) that an OFD lock belongs to */
	int fd;            /* through which it was last asked */
	uint8_t call;      /* enum trace_call */
	uint8_t used;      /* enum trace_family: where the lock is */
	uint8_t recorded;  /* enum watch_sink: who was told of the grant */
	bool exclusive;
} __attribute__((aligned(64)));

/* True where this process holds POSIX locks that any close of their file drops. */
bool watch_range_has_posix(void);

/* The same of one file; true too where it can't be told now. */
bool watch_range_has_posix_on(uint64_t device, uint64_t inode);

/* Takes one section out: a POSIX lock on that file; an OFD lock of that description; any. False
 * where there is none. */
bool watch_range_take_posix(uint64_t device, uint64_t inode, struct watch_section *ret);
bool watch_range_take_ofd(const void *owner, struct watch_section *ret);
bool watch_range_take_any(struct watch_section *ret);

/* In a child: what the parent holds is the parent's, and a POSIX lock no other's. */
void watch_range_forked(void);

#endif
