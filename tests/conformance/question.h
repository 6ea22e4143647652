/* SPDX-License-Identifier: MIT
 * What a probe asks of the judge: a process without the shim, which shares no descriptor of the
 * file with it and talks to the kernel by raw system calls. */
#ifndef LOCKSHIM_TESTS_CONFORMANCE_QUESTION_H
#define LOCKSHIM_TESTS_CONFORMANCE_QUESTION_H

#include <stdint.h>

enum ask {
	ASK_TRY,        /* LOCK_SH or LOCK_EX | domain << 8: 0 or errno, and lets go */
	ASK_HOLD,       /* LOCK_SH or LOCK_EX in every domain of the column: 0 or errno */
	ASK_LET_GO,     /* of that */
	ASK_UNTIL_FREE, /* 0 once LOCK_EX is granted in every domain; ETIMEDOUT */
	ASK_WAITERS,    /* how many requests wait for the file */
	ASK_GETLK,      /* l_pid of what stands against a write lock; 0: nothing */
	ASK_LOCKS,      /* pid of the first lock of kind 'F', 'P' or 'O' in /proc/locks; 0: none */
	ASK_POLLERS,  /* 1: thirds poll for LOCK_EX without pause; 0: the domains where they got it
		       */
	ASK_POLLED,   /* once each of them has asked twice more: 0 or ETIMEDOUT */
	ASK_BLOCKERS, /* thirds block for LOCK_EX: once they do: 0 or ETIMEDOUT */
	/* Of the range, by record locks: F_RDLCK or F_WRLCK */
	ASK_TRY_RANGE,  /* 0 or errno, and lets go */
	ASK_HOLD_RANGE, /* | enum outsider_family << 8: the pid of a third that holds it until
			   ASK_LET_GO; 0: refused */
	ASK_GETLK_END,  /* 1: what stands against a write lock of it has l_len 0; 0: another */
	ASK_KINDS,
	ASK_CELL = ASK_KINDS, /* the last word */
};

struct question {
	int ask, argument;
	int64_t start, length;
	char cell[40];
};

#endif
