/* SPDX-License-Identifier: MIT
 * What a program asked: one lock call, on its way from a wrapper to a backend. */
#ifndef LOCKSHIM_REQUEST_H
#define LOCKSHIM_REQUEST_H

#include <stdbool.h>

struct lock_request {
	int fd;
	int operation; /* LOCK_SH, LOCK_EX or LOCK_UN, without LOCK_NB */
	bool blocking;
	int asked;   /* as the program wrote it */
	bool unsure; /* what FD is was not asked: -EBADF rather than a way round the open mode */
};

#endif
