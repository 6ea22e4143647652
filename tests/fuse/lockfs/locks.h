/* SPDX-License-Identifier: MIT
 * The server's lock table: fcntl's records and flock's whole files, two kinds that don't meet.
 * Waiters get their turn in the order they came. */
#ifndef LOCKFS_LOCKS_H
#define LOCKFS_LOCKS_H

#include <fuse3/fuse_lowlevel.h>
#include <stdbool.h>
#include <stdint.h>

#include "tests/fuse/lockfs/files.h"

struct lock {
	struct file *file;
	bool is_flock;
	uint64_t owner;  /* of a record: the process or the description; of a flock: the latter */
	uint64_t handle; /* what it was asked through */
	uint64_t start, end; /* both included */
	int type;            /* F_RDLCK, F_WRLCK, F_UNLCK */
	uint32_t pid;
};

/* Does and answers REQUEST, now or later. The journal gets `refused`, `waits`, `granted`, and
 * `let-go` where something that was held is not, or is but shared. */
void locks_request(fuse_req_t request, const struct lock *wanted, bool wait, unsigned long number,
		   uint64_t unique);

/* A lock of another owner that WANTED would conflict with, or NULL. */
const struct lock *locks_in_the_way(const struct lock *wanted);

/* Lets go of the owner's locks of the kind, and of the records left that were asked through a
 * handle: those are a description's own, and no request tells of their end. */
void locks_drop_owner(struct file *file, bool is_flock, uint64_t owner, unsigned long number);
void locks_drop_handle(struct file *file, uint64_t handle, unsigned long number);

/* The file has crashed: nobody holds anything, waiters get EIO. */
void locks_forget(struct file *file);

/* The waiter's caller got a signal: EINTR. False: no such waiter. */
bool locks_interrupt(uint64_t unique);

#endif
