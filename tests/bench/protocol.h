/* SPDX-License-Identifier: MIT
 * What lockshim-bench and its workers say to each other over one SOCK_SEQPACKET socket, which is
 * the worker's standard input and output: a request, then its reply. */
#ifndef LOCKSHIM_BENCH_PROTOCOL_H
#define LOCKSHIM_BENCH_PROTOCOL_H

#include <stdint.h>

enum bench_call {
	CALL_FLOCK_EX, /* flock LOCK_EX and LOCK_UN */
	CALL_FLOCK_SH,
	CALL_OFD_EX, /* fcntl F_OFD_SETLK F_WRLCK and F_UNLCK of the whole file */
	CALL_OFD_SH,
	CALL_POSIX_EX, /* the same by F_SETLK */
	CALL_GETFL,
	CALL_DUP_CLOSE,
	CALL_SYNC,         /* fdatasync */
	CALL_FEW,          /* CALL_FLOCK_EX, as few as of the next */
	CALL_FEW_SYNC,     /* the same, with fdatasync before LOCK_UN */
	CALL_WRITTEN,      /* LOCK_EX, one byte written, LOCK_UN */
	CALL_WRITTEN_SYNC, /* the same, with fdatasync before LOCK_UN */
	CALL_HOLD,         /* flock LOCK_EX, once */
	CALL_RELEASE,      /* flock LOCK_UN, once */
	CALL_REFUSED, /* flock LOCK_EX | LOCK_NB, once, of a file that another one has locked */
	CALL_COUNT,
};

struct bench_request {
	uint32_t call;  /* enum bench_call */
	uint32_t count; /* of pairs, or of calls */
	uint32_t wall;  /* the clock's time, and not CPU time */
};

/* The time of all COUNT, and 0 or the errno of the first that failed. */
struct bench_reply {
	int64_t ns;
	int32_t error;
};

#endif
