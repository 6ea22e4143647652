/* SPDX-License-Identifier: MIT
 * The observed way of a lock call: what trace, log and probes are told. Decides nothing of the
 * lock; a call is made without waiting first, so that only one that had to wait reads the clock
 * twice. */
#ifndef LOCKSHIM_WATCH_H
#define LOCKSHIM_WATCH_H

#include <stdbool.h>
#include <stdint.h>

#include "shim/probes.h"
#include "shim/start.h"
#include "trace/event.h"

/* True where a rule of this process, or the environment, asks for trace or log. */
extern bool watch_is_wanted;

/* Asked by every wrapper before anything else. */
static inline bool watch_on(void)
{
	return __builtin_expect(
		__atomic_load_n(&watch_is_wanted, __ATOMIC_RELAXED) || probes_attached(), 0);
}

/* Whether they ask at all; and at load: opens trace and log. PROGRAM: base name of the executable.
 */
bool watch_wanted(const struct shim_state *state);
void watch_start(const struct shim_state *state, const char *program);

/* One call. watch_begin() sets all; the wrapper fills what was asked: of the event id, operation,
 * flags; where it is a section of a file also start and length. */
struct watch {
	const struct shim_state *state;
	const void *site; /* the return address into the program */
	uint64_t since;   /* waiting began; 0: there was no need */
	int saved;        /* errno before the call */
	bool section;     /* of a file, and not flock's lock of the whole */
	bool probed;      /* somebody is attached to a probe */
	struct trace_event event;
};

void watch_begin(struct watch *ret, enum trace_call call, enum trace_family asked, int fd,
		 const void *site);

/* Makes the call by ACT, whose result is returned with its errno: -1 for an error. TRIAL: a request
 * that would wait is made so that it is refused instead. A trial that was refused is made again.
 * ACT may fill in what is known of the request only once the kernel has read it. */
int watch_call(struct watch *watch, int (*act)(void *context, bool trial), void *context);

/* From within a call: what it becomes, of enum trace_family; 0: no lock is taken. */
void watch_became(unsigned families);

/* A hazard (enum trace_hazard): of the call that is under way, or else an event of its own. */
void watch_hazard(unsigned hazard, uint64_t device, uint64_t inode, int pid);

/* Before descriptors are closed or replaced: what is let go by it. errno as it was. */
void watch_closing(unsigned first, unsigned last, const void *site);

#endif
