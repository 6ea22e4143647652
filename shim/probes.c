/* SPDX-License-Identifier: MIT
 * The probes themselves. */
#ifdef LOCKSHIM_PROBES
#define _SDT_HAS_SEMAPHORES 1
#include <sys/sdt.h>
#endif
#include "shim/probes.h"

#ifdef LOCKSHIM_PROBES
/* Where a tracer counts that it is attached: a short for each probe, by the name that <sys/sdt.h>
 * has for it. */
uint64_t probes_semaphores __attribute__((used, aligned(8), section(".probes")));
extern unsigned short lockshim_request_semaphore, lockshim_granted_semaphore,
	lockshim_refused_semaphore, lockshim_released_semaphore;
__asm__(".set lockshim_request_semaphore, probes_semaphores\n"
	".set lockshim_granted_semaphore, probes_semaphores + 2\n"
	".set lockshim_refused_semaphore, probes_semaphores + 4\n"
	".set lockshim_released_semaphore, probes_semaphores + 6\n");

void probes_request(const struct trace_event *event)
{
	DTRACE_PROBE4(lockshim, request, event->fd, event->call, event->operation,
		      event->flags & TRACE_BLOCKING);
}

static void granted(const struct trace_event *event)
{
	DTRACE_PROBE6(lockshim, granted, event->fd, event->call, event->operation, event->used,
		      event->waited, event->inode);
}

static void refused(const struct trace_event *event)
{
	DTRACE_PROBE6(lockshim, refused, event->fd, event->call, event->operation, event->error,
		      event->waited, event->inode);
}

static void released(const struct trace_event *event)
{
	DTRACE_PROBE5(lockshim, released, event->fd, event->call, event->used, event->held,
		      event->inode);
}

void probes_answered(const struct trace_event *event)
{
	if (event->id == TRACE_RELEASE)
		released(event);
	else if (event->id == TRACE_LOCK && event->error)
		refused(event);
	else if (event->id == TRACE_LOCK)
		granted(event);
}
#else
void probes_request(const struct trace_event *event)
{
	(void)event;
}

void probes_answered(const struct trace_event *event)
{
	(void)event;
}
#endif
