/* SPDX-License-Identifier: MIT
 * What kind of object a descriptor is, and what we know of its file. Asks the kernel, decides
 * nothing. */
#ifndef LOCKSHIM_OBJECT_H
#define LOCKSHIM_OBJECT_H

#include <stdbool.h>
#include <stdint.h>

#include "policy/policy.h"

struct object {
	uint64_t device; /* policy_device() of st_dev */
	uint64_t inode;
	uint64_t birth;   /* nanoseconds since 1970; 0: not known */
	const char *kind; /* NULL: a regular file; else what it is instead */
	bool unlinked;
};

/* One fstat, or with BIRTH one statx where the kernel has it. 0 or -errno. */
int object_look(int fd, bool birth, struct object *ret);

/* One fstatfs for a regular file; see policy_treatment(). */
enum policy_treatment object_treatment(int fd, const struct object *object, const char **ret_why);

/* The path that a descriptor was opened by, in `into` (PATH_MAX bytes), from /proc. NULL where
 * there is none: no /proc, a memfd, a path that doesn't fit. */
#define OBJECT_PATH_ROOM 4096
const char *object_path(int fd, const struct object *object, char *into);

#endif
