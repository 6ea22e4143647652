/* SPDX-License-Identifier: MIT
 * What this process itself holds on a file. Asks the kernel; for mixed.c, after a refusal. */
#ifndef LOCKSHIM_MIXED_OWN_H
#define LOCKSHIM_MIXED_OWN_H

#include <fcntl.h>
#include <sys/stat.h>

#include "shim/mixed.h"

/* Its POSIX locks on FD's file, in ascending order. Where there are more than fit, the last one
 * counts as reaching the end. count 0 where it can't be told. */
struct own_ranges {
	struct mixed_range *at;
	unsigned count;
};
void own_ranges_read(struct own_ranges *ret, int fd);
void own_ranges_free(struct own_ranges *own);

/* True where one of them is what the kernel names first against FD. */
bool own_posix_meets(int fd);

/* The type of FD's own OFD lock that has the last byte; F_UNLCK: none. A keeper's marks are none.
 */
short own_ofd_type(int fd);

/* Its descriptors of FD's file with such a lock, one of each description, where it is a converted
 * flock; kept: a keeper holds one for it. */
#define OWN_HOLDERS_MAX 16
struct own_holder {
	int fd;
	short type;
};
struct own_holders {
	struct own_holder at[OWN_HOLDERS_MAX];
	unsigned count;
	bool kept;
	bool unknown; /* no /proc */
};
void own_holders_find(struct own_holders *ret, int fd);
void own_holders_of(struct own_holders *ret, const struct stat *file);

#endif
