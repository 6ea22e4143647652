/* SPDX-License-Identifier: MIT
 * What libfuse calls. */
#ifndef LOCKFS_OPS_H
#define LOCKFS_OPS_H

#include <fuse3/fuse_lowlevel.h>

struct ops_options {
	int writeback;             /* the kernel keeps what is written until it has to tell */
	int local_locks;           /* the kernel keeps the locks, and tells nobody */
	int keep_descriptor_locks; /* records of a description outlive it, as on servers that rely
				      on the kernel's word (it gives none) */
	double attr_timeout;       /* s for which the kernel believes what it knows of a file */
};

extern struct ops_options ops_options;
extern const struct fuse_lowlevel_ops ops;

#endif
