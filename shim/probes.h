/* SPDX-License-Identifier: MIT
 * Static probes for bpftrace, gdb and SystemTap, where <sys/sdt.h> was there at build. A probe
 * costs nothing until somebody attaches: its semaphore then sends calls the observed way.
 *
 * lockshim:request   fd, call, operation, blocking
 * lockshim:granted   fd, call, operation, families, nanoseconds waited, inode
 * lockshim:refused   fd, call, operation, errno, nanoseconds waited, inode
 * lockshim:released  fd, call, families, nanoseconds held, inode
 *
 * No more than six, as many as bpftrace has. call, operation, families: enum trace_call,
 * trace_operation, trace_family. */
#ifndef LOCKSHIM_PROBES_H
#define LOCKSHIM_PROBES_H

#include <stdbool.h>

#include "trace/event.h"

#ifdef LOCKSHIM_PROBES
/* The four semaphores, behind each other, so that one load tells. */
extern uint64_t probes_semaphores;

static inline bool probes_attached(void)
{
	return __builtin_expect(*(const volatile uint64_t *)&probes_semaphores != 0, 0);
}
#else
static inline bool probes_attached(void)
{
	return false;
}
#endif

/* EVENT as far as it is known before the call; and after it. */
void probes_request(const struct trace_event *event);
void probes_answered(const struct trace_event *event);

#endif
