/* SPDX-License-Identifier: MIT
 * What a rule cannot keep, by name. Each is told once per process and file: under LOCKSHIM_DEBUG,
 * to trace and log. Nothing is asked of the kernel for it where nobody is told. */
#ifndef LOCKSHIM_HAZARD_H
#define LOCKSHIM_HAZARD_H

#include <stdbool.h>
#include <stdint.h>

#include "trace/event.h"

/* In the order of the manual's table, and of enum trace_hazard. */
enum hazard {
	HAZARD_CLOSE = TRACE_HAZARD_CLOSE,
	HAZARD_FORK = TRACE_HAZARD_FORK,
	HAZARD_EXEC = TRACE_HAZARD_EXEC,
	HAZARD_SAME_PROCESS = TRACE_HAZARD_SAME_PROCESS,
	HAZARD_FCNTL = TRACE_HAZARD_FCNTL,
	HAZARD_SHARED_DESCRIPTION = TRACE_HAZARD_SHARED_DESCRIPTION,
	HAZARD_FAMILIES_MEET = TRACE_HAZARD_FAMILIES_MEET,
	HAZARD_TWO_NAMES = TRACE_HAZARD_TWO_NAMES,
	HAZARD_STANDIN_LOST = TRACE_HAZARD_STANDIN_LOST,
	HAZARD_KEEPER_LOST = TRACE_HAZARD_KEEPER_LOST,
	HAZARD_POLICY_DIFFERS = TRACE_HAZARD_POLICY_DIFFERS,
	HAZARD_DEADLOCK = TRACE_HAZARD_DEADLOCK,
	HAZARD_FLUSH_FAILED = TRACE_HAZARD_FLUSH_FAILED,
	HAZARD_COUNT = TRACE_HAZARD_COUNT,
};

struct hazard_kind {
	const char *name, *what, *cure;
};
extern const struct hazard_kind hazard_kinds[HAZARD_COUNT];

/* True where somebody is told: constant after load. Asked before anything else is. */
extern bool hazards_shown;
static inline bool hazard_shown(void)
{
	return __atomic_load_n(&hazards_shown, __ATOMIC_RELAXED);
}

/* At load, from the constructors of those that watch: the same, and whoever asks first makes it
 * known. Marks (note.h) can be set from then on. */
bool hazard_start(void);

/* DETAIL, where not NULL, follows the kind's own words. DEVICE as st_dev. errno as it was. */
void hazard_met(enum hazard hazard, uint64_t device, uint64_t inode, const char *detail);

/* The same for FD's file, and with a process's number behind DETAIL where PID is above 0. */
void hazard_met_at(enum hazard hazard, int fd, const char *detail, int pid);

/* The same for a file as statx names it: DEVICE is policy_device(). */
void hazard_met_on(enum hazard hazard, uint64_t device, uint64_t inode, const char *detail,
		   int pid);

#endif
