/* SPDX-License-Identifier: MIT
 * What kind of object a descriptor is, and what we know of its file. Asks the kernel, decides
 * nothing. */
#ifndef LOCKSHIM_OBJECT_H
#define LOCKSHIM_OBJECT_H

#include <stdbool.h>
#include <stdint.h>

#include "policy/policy.h"
#include "shim/mounts.h"

struct object {
	uint64_t device; /* policy_device() of st_dev */
	uint64_t inode;
	uint64_t mount;   /* the kernel's number of the mount, not mountinfo's; 0: not known */
	uint64_t birth;   /* nanoseconds since 1970; 0: not known */
	uint32_t links;   /* how many names it has; 0: not known */
	const char *kind; /* NULL: a regular file; else what it is instead */
};

/* One statx that asks no server, or where the kernel has none one fstat. 0 or -errno. */
int object_look(int fd, struct object *ret);

/* Of device and inode; never 0. */
static inline uint32_t object_hash(const struct object *object)
{
	uint64_t mixed = (object->inode ^ object->device << 7) * UINT64_C(0x9e3779b97f4a7c15);

	return (uint32_t)(mixed >> 32) | 1u;
}

/* By linux/magic.h, as object_magic() has them. */
#define OBJECT_FUSE 0x65735546u
#define OBJECT_NFS 0x6969u
#define OBJECT_CIFS 0xff534d42u
#define OBJECT_SMB2 0xfe534d42u

/* statfs's f_type; 0 where it can't be told. */
uint32_t object_magic(int fd);

/* See policy_treatment(); by the mount table where FACT is not NULL, else by one fstatfs. */
enum policy_treatment object_treatment(int fd, const struct mount_fact *fact, const char **ret_why);

/* The path that a descriptor was opened by, in `into`, from /proc. 0, with *ret_path NULL where it
 * has none (a memfd), or -errno where it can't be told. */
#define OBJECT_PATH_ROOM 4096
int object_path(int fd, char *into, const char **ret_path);

#endif
