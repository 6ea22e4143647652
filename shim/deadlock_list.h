/* SPDX-License-Identifier: MIT
 * The names of a directory of /proc that are numbers, one after the other: processes, threads,
 * descriptors. */
#ifndef LOCKSHIM_DEADLOCK_LIST_H
#define LOCKSHIM_DEADLOCK_LIST_H

#include "shim/own_fd.h"

struct deadlock_list {
	struct own_fd own;
	long size, at;
	char room[320] __attribute__((aligned(8)));
};

/* 0 or -errno. deadlock_list_close() in any case. */
int deadlock_list_open(struct deadlock_list *ret, const char *path);
int deadlock_list_next(struct deadlock_list *list); /* -1: no more, or size < 0: an error */
void deadlock_list_close(struct deadlock_list *list);

#endif
