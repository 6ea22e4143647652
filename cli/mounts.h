/* SPDX-License-Identifier: MIT
 * What is mounted where, from /proc/self/mountinfo. Nothing is looked up by path. */
#ifndef CLI_MOUNTS_H
#define CLI_MOUNTS_H

#include "policy/policy.h"

struct cli_mounts {
	const char *text;
	size_t len;
};

/* Reads the table; false, once said, where it can't be read: then it is empty. */
bool cli_mounts_read(struct cli_mounts *ret);

/* The first mount of that device, as the library finds it. */
bool cli_mounts_of_device(const struct cli_mounts *mounts, uint64_t device,
			  struct policy_mount *ret);
/* The mount through which FD was opened. */
bool cli_mounts_of_fd(const struct cli_mounts *mounts, int fd, struct policy_mount *ret);

/* The mount point that holds PATH (absolute), by name alone; NULL where there is none. */
const char *cli_mounts_above(const struct cli_mounts *mounts, const char *path);

/* The mount point with its octal escapes undone. */
const char *cli_mounts_point(const struct policy_mount *mount);

#endif
