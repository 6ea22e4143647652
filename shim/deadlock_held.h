/* SPDX-License-Identifier: MIT
 * What a process holds, as the kernel shows it in fdinfo: its own, or another's that we may read.
 */
#ifndef LOCKSHIM_DEADLOCK_HELD_H
#define LOCKSHIM_DEADLOCK_HELD_H

#include <stdbool.h>
#include <stdint.h>

#include "shim/state_layout.h"

struct held {
	struct state_holding is;
	uint64_t mark;  /* of all locks of its description: two that differ are two descriptions */
	bool posix;     /* the process's, not the description's */
	bool exclusive; /* one lock of the description is: another description can't show the same
			 */
	bool loose;     /* a running process has the description too, and could let go of it */
};

#define HELD_TEXT 4096

/* All of PID's, into room for MOST; TEXT has HELD_TEXT bytes. Their number, -EOVERFLOW where there
 * are more, or -errno where not all can be read. */
int held_read(struct held *into, unsigned most, int pid, char *text);

/* The mark of one descriptor of PID; 0: no lock. *ret_exclusive as above. Or -errno in *ret_error.
 */
uint64_t held_mark(int pid, int fd, char *text, bool *ret_exclusive, int *ret_error);

#endif
