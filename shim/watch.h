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

/* What lies deeper in a call says of it. No pointer, since a handler may jump out of the call. */
struct watch_told {
	uint32_t hazards;
	uint8_t families;
	bool became, inside;
};
extern __thread struct watch_told watch_told __attribute__((tls_model("initial-exec")));

/* A call begins. */
static inline void watch_enter(void)
{
	watch_told.hazards = 0;
	watch_told.became = false;
	watch_told.inside = true;
}

/* From within a call: what it becomes, of enum trace_family; 0: no lock is taken. */
static inline void watch_became(unsigned families)
{
	watch_told.families = (uint8_t)families;
	watch_told.became = true;
}

/* What a call asks for, as far as it is known before. Of the event id, operation and flags are set
 * by the wrapper; where it is a section of a file also start and length. */
struct watch {
	const void *site; /* the return address into the program */
	uint64_t since;   /* waiting began; 0: there was no need */
	int saved;        /* errno before the call */
	bool section;     /* of a file, and not flock's lock of the whole */
	bool probed;      /* somebody is attached to a probe */
	struct trace_event event;
};

/* Before watch_enter(). */
void watch_begin(struct watch *ret, enum trace_call call, enum trace_family asked, int fd,
		 const void *site);

/* Makes the call. TRIAL: a request that would wait is made so that it is refused instead. May fill
 * in what is known of the request only once the kernel has read it. -1 with errno, or 0. */
typedef int watch_act(void *context, bool trial);

/* Makes the call by ACT, whose result is returned with its errno. A trial that was refused is made
 * again. */
int watch_call(struct watch *watch, watch_act *act, void *context);

/* The same where ACT was called already, between watch_enter() and now. */
int watch_called(struct watch *watch, int result, watch_act *act, void *context);

/* After watch_enter() and a flock that came back with 0 at once: tells trace, where that alone is
 * to be told. False: nothing was told, watch_called() is to. FLAGS: TRACE_BLOCKING or 0. */
bool watch_quick(int fd, enum trace_operation operation, unsigned flags, const void *site);

/* A hazard (enum trace_hazard): of the call that is under way, or else an event of its own. */
void watch_hazard(unsigned hazard, uint64_t device, uint64_t inode, int pid);

/* Before descriptors are closed or replaced: what is let go by it. errno as it was. */
void watch_closing(unsigned first, unsigned last, const void *site);

#endif
