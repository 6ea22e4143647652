/* SPDX-License-Identifier: MIT
 * flock as a record lock over the whole file: what OFD and POSIX locks have in common. */
#ifndef LOCKSHIM_RECORD_H
#define LOCKSHIM_RECORD_H

#include "policy/policy.h"
#include "policy/sys.h"
#include "shim/request.h"

struct record_family {
	int set, wait;   /* the commands */
	const char *tag; /* the word that /proc has for it */
};

extern const struct record_family record_ofd, record_posix;

/* The bare call over a section; length 0: to the end, however the file grows. 0 or -errno. A system
 * call of our own: libc's fcntl is a cancellation point in F_SETLKW and F_OFD_SETLKW, flock is
 * none. */
static inline int record_set(int fd, int command, short type, int64_t start, int64_t length)
{
	/* l_pid has to be 0 for an OFD lock. On 32-bit this is struct flock64. */
	struct flock record = {
		.l_type = type, .l_whence = SEEK_SET, .l_start = start, .l_len = length
	};

	return (int)sys_fcntl(fd, command, &record);
}

/* Whether FD's description may have such a lock, or be rid of it. */
static inline bool record_is_open_for(int fd, short type)
{
	long mode = sys_fcntl(fd, F_GETFL, NULL) & O_ACCMODE;

	return type == F_UNLCK || mode != (type == F_WRLCK ? O_RDONLY : O_WRONLY);
}

/* As struct lock_backend has them. */
int record_acquire(const struct record_family *family, const struct lock_request *request,
		   const struct policy_actions *actions);
int record_release(const struct record_family *family, const struct lock_request *request);

#endif
