/* SPDX-License-Identifier: MIT
 * A descriptor of ours for the length of one read. */
#ifndef LOCKSHIM_OWN_FD_H
#define LOCKSHIM_OWN_FD_H

#include "policy/sys.h"

struct own_fd {
	int fd;
	struct stat is; /* as fstat gives it */
};

/* 0 or -errno. */
static inline int own_fd_open(struct own_fd *ret, const char *path, int flags)
{
	ret->fd = sys_open(path, flags);
	return ret->fd < 0 ? ret->fd : sys_fstat(ret->fd, &ret->is);
}

/* Closes what is still ours: another thread of the host may have closed all numbers meanwhile, and
 * opened a file of its own. */
static inline void own_fd_close(struct own_fd *own)
{
	struct stat now;

	if (own->fd >= 0 && !sys_fstat(own->fd, &now) && now.st_dev == own->is.st_dev &&
	    now.st_ino == own->is.st_ino)
		sys_close(own->fd);
}

#endif
