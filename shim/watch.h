/* SPDX-License-Identifier: MIT
 * The observed way of a lock call: what trace, log and probes are told. Decides nothing of the
 * lock; a call is made without waiting first, so that only one that had to wait reads the clock
 * twice. */
#ifndef LOCKSHIM_WATCH_H
#define LOCKSHIM_WATCH_H

#include <errno.h>
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
 * by the wrapper; where `section` is set also start and length, and of a query the blocker. */
struct watch {
	const void *site; /* the return address into the program */
	uint64_t since;   /* waiting began; 0: there was no need */
	uint64_t now;     /* the clock, read behind the call; 0: not read */
	int saved;        /* errno before the call */
	bool section;     /* of a file, and not flock's lock of the whole */
	bool probed;      /* somebody is attached to a probe */
	struct trace_event event;
};

static inline void watch_begin(struct watch *ret, enum trace_call call, enum trace_family asked,
			       int fd, const void *site)
{
	ret->site = site;
	ret->saved = errno;
	ret->probed = probes_attached();
	ret->section = false;
	ret->event.id = TRACE_LOCK;
	ret->event.zero[0] = ret->event.zero[1] = ret->event.zero[2] = 0;
	ret->event.call = (uint8_t)call;
	ret->event.operation = TRACE_SHARED;
	ret->event.asked = (uint8_t)asked;
	ret->event.flags = 0;
	ret->event.fd = fd;
}

/* Makes the call by ACT, whose result is returned with its errno: -1 for an error. TRIAL: a request
 * that would wait is made so that it is refused instead. A trial that was refused is made again.
 * ACT may fill in what is known of the request only once the kernel has read it. */
typedef int watch_act(void *context, bool trial);

/* Before the call; and after a call that was not the common one. */
void watch_probe_request(const struct watch *watch);
int watch_answered(struct watch *watch, watch_act *act, void *context, int result);

/* A hazard (enum trace_hazard): of the call that is under way, or else an event of its own. */
void watch_hazard(unsigned hazard, uint64_t device, uint64_t inode, int pid);

/* Before descriptors are closed or replaced: what is let go by it. errno as it was. */
void watch_closing(unsigned first, unsigned last, const void *site);

#endif
