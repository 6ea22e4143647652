/* SPDX-License-Identifier: MIT
 * Which file system a device number is, from /proc/self/mountinfo. Nothing is ever stat'ed by
 * path: a dead NFS server must not hang the host. */
#ifndef LOCKSHIM_MOUNTS_H
#define LOCKSHIM_MOUNTS_H

#include <stdbool.h>
#include <stdint.h>

#include "policy/policy.h"

/* What is known of one device through one mount: device numbers are used again. Lives for ever. */
struct mount_fact {
	struct mount_fact *older; /* in the same bucket */
	uint64_t seen;            /* as fstat gives it */
	uint64_t mount;           /* as statx gives it; 0: read at load, when nobody had asked */
	uint64_t device;          /* as mountinfo gives it; differs on btrfs and overlay */
	bool local_flock;         /* an NFS mount whose flock stays on this client */
	char fstype[32];          /* cut where longer */
};

/* Reads the mount table while /proc is there: at load, where rules ask for mounts. */
void mounts_start(const struct policy *policy);

/* The fact for a descriptor on DEVICE through MOUNT (struct object's); reads the table again where
 * that is not known. 0, with NULL where the table has none (a memfd), or -errno where it could not
 * be read and nothing is known. */
int mounts_find(const struct policy *policy, int fd, uint64_t device, uint64_t mount,
		const struct mount_fact **ret_fact);

/* For each policy->filesystems the device mounted there; NULL where the table was never read. */
const uint64_t *mounts_filesystem_devices(void);

#endif
