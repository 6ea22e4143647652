/* SPDX-License-Identifier: MIT
 * Every request comes through here before libfuse sees it: written into the journal, and answered,
 * kept or let through as the script says. */
#ifndef LOCKFS_GATE_H
#define LOCKFS_GATE_H

#include <fuse3/fuse_lowlevel.h>
#include <stdint.h>

#include "tests/fuse/lockfs/files.h"

/* The request that is being worked on. */
struct arrival {
	unsigned long number; /* in the journal */
	uint64_t unique;      /* in the kernel */
};
extern struct arrival gate_current;

/* Takes one message; its memory may be taken from BUF. */
void gate_take(struct fuse_session *session, struct fuse_buf *buf);

/* What was kept and is due, and for how many ms nothing will be (-1: for ever). */
void gate_pass_due(struct fuse_session *session);
int gate_ms_to_next(void);

/* Lets what is held go on: of these operations, on FILE (NULL: on any). */
void gate_go(uint32_t operations, const char *file);

/* The file crashes, and answers EIO from here on. */
void gate_crash(struct file *file);

#endif
