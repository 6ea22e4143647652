/* SPDX-License-Identifier: MIT
 * Words on standard error, without stdio: what is broken, and under LOCKSHIM_DEBUG every step
 * aside. Nothing is written once the host has put another file on descriptor 2. */
#ifndef LOCKSHIM_SAY_H
#define LOCKSHIM_SAY_H

#include <stdbool.h>
#include <stdint.h>

/* While starting, everything is said. Later: under DEBUG what say() has, where ENDINGS alone what
 * say_ending() has, else nothing. What descriptor 2 is now is remembered for that. */
void say_start(bool debug, bool endings);

enum say_mode { SAY_STARTING, SAY_ASIDES, SAY_ENDINGS, SAY_NOTHING };
extern int say_mode;
static inline bool say_debugging(void)
{
	return __atomic_load_n(&say_mode, __ATOMIC_ACQUIRE) == SAY_ASIDES;
}

/* One line: "lockshim: PID: " and the strings up to NULL. Cut at 500 bytes. */
void say(const char *first, ...) __attribute__((sentinel));

/* The same for what was asked for at load and ends now: trace, log. */
void say_ending(const char *first, ...) __attribute__((sentinel));

/* A number as text, in `into` (24 bytes). */
const char *say_number(char into[24], uint64_t number);

/* The kinds of step aside; each is said once per process and file, under LOCKSHIM_DEBUG. */
enum step_aside {
	ASIDE_OBJECT,      /* no regular file: passed */
	ASIDE_FILE_SYSTEM, /* a file system whose locks are passed */
	ASIDE_OPEN_MODE,   /* EBADF: the descriptor is not open for what the lock needs */
	ASIDE_NO_KEEPER,   /* EBADF: no keeper could be started; why follows */
	ASIDE_NO_STANDIN,  /* EBADF: no stand-in; why follows */
	ASIDE_INHERITED,   /* fcntl = ofd: a record lock stays a POSIX lock */
	ASIDE_NO_OFD,      /* ENOLCK: the kernel has no OFD locks */
	ASIDE_NO_PATH,     /* the path is not to be had: ENOLCK where a rule needs it */
	ASIDE_NO_MOUNTS,   /* the same for mountinfo */
	ASIDE_SHADOW,      /* shadow = yes: what would have been done */
	ASIDE_COUNT,
};

/* DETAIL, where not NULL, follows the kind's own words. */
void say_aside(enum step_aside kind, uint64_t device, uint64_t inode, const char *detail);

/* True once for each kind of thing and file; false too where too much was said to know. KIND: enum
 * step_aside, or numbers from ASIDE_COUNT on. */
bool say_first_time(unsigned kind, uint64_t device, uint64_t inode);

#endif
