/* SPDX-License-Identifier: MIT
 * A holder's turn, for the files that do it. */
#ifndef LOCKSHIM_TESTS_FUSE_ACT_H
#define LOCKSHIM_TESTS_FUSE_ACT_H

#include <stdbool.h>
#include <stdio.h>
#include <sys/types.h>

#include "tests/fuse/schedules/plan.h"
#include "tests/fuse/schedules/record.h"

struct act {
	const struct plan *plan;
	const struct turn *turn;
	const char *path;
	int fd;     /* has the lock */
	int writes; /* the same, or another of the file */
	FILE *stream;
	off_t end; /* of what was there before */
	char data[RECORDS_MAX * RECORD_SIZE + 1];
	size_t size;
};

/* Ends the process past libc, so that nothing of it is written any more. */
_Noreturn void act_gone(void);

/* The file has crashed: gone. Any other errno is said. */
void act_must(bool done);

bool act_is_buffered(enum way way);
bool act_is_read_only(enum way way);

/* fcntl's lock of a range, and the family's of all of the file. 0 or -1 with errno. */
int act_set_record(enum family family, int fd, int type, off_t start, off_t length);
int act_lock(enum family family, int fd, int type);

void act_store(struct act *act);
void act_let_go(struct act *act);

#endif
