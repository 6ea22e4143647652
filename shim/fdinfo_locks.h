/* SPDX-License-Identifier: MIT
 * The lines in which the kernel lists locks, in fdinfo and in /proc/locks. */
#ifndef LOCKSHIM_FDINFO_LOCKS_H
#define LOCKSHIM_FDINFO_LOCKS_H

#include <stdbool.h>
#include <stdint.h>

#include "shim/own_fd.h"

enum listed_family { LISTED_OTHER, LISTED_FLOCK, LISTED_POSIX, LISTED_OFD };

/* "4: POSIX  ADVISORY  WRITE 1234 fe:00:5678 0 EOF". Bytes with both ends included, INT64_MAX the
 * end of the file. */
struct listed_lock {
	int64_t start, end;
	uint64_t inode;
	unsigned major, minor; /* of the file system, which fstat may name otherwise */
	enum listed_family family;
	int pid;       /* as /proc's namespace has it; -1: of a description */
	short type;    /* F_RDLCK or F_WRLCK */
	uint16_t wait; /* 1: it waits for another, and holds nothing */
};

struct lock_lines {
	struct own_fd file;
	unsigned at, len, room, next;
	unsigned left;        /* of the kernel's page, behind what was read of it; 0: not known */
	bool of_all, in_page; /* read so far to the middle of a page */
	char *text;
	char few[400];
};

/* What FD's description holds, and this process's POSIX locks that were taken through it. The text
 * is of one moment. 0 or -errno. */
int lock_lines_of(struct lock_lines *ret, int fd);

/* The same for a number of another process: PATH is /proc/PID/fdinfo/NUMBER. */
int lock_lines_at(struct lock_lines *ret, const char *path);

/* What anybody holds. Of one moment as far as a page of text goes, some 60 locks; else a line may
 * be missing where the next page begins, or be there twice. The list's last lines are not there
 * twice, whatever was put in front of them. FIRST: bytes of the first page, so that the others
 * begin elsewhere. */
int lock_lines_of_all(struct lock_lines *ret, unsigned first);

/* False at the end. */
bool lock_lines_next(struct lock_lines *lines, struct listed_lock *ret);

/* To be called whatever the beginning answered. */
void lock_lines_end(struct lock_lines *lines);

#endif
