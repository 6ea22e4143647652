/* SPDX-License-Identifier: MIT
 * Writes a trace from inside a stranger's process: no lock, no malloc, no stdio, no descriptor
 * kept, errno as it was. Async-signal-safe. Every failure ends the tracing, never the process. */
#ifndef LOCKSHIM_TRACE_WRITER_H
#define LOCKSHIM_TRACE_WRITER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "trace/event.h"

/* What a full stream does with the next event. */
enum trace_full {
	TRACE_FULL_STOP,      /* counts it as discarded; said once */
	TRACE_FULL_OVERWRITE, /* flight recorder: the older half goes */
};

struct trace_setup {
	const char *directory; /* absolute; copied */
	const char *program;   /* base name of the executable; copied */
	uint64_t bytes;        /* of a stream, at most; 0: 256 MiB, for 32 bits 8 MiB */
	enum trace_full full;
	/* Told once why tracing ended, in words with the remedy; and once where a stream is full,
	 * with which tracing goes on. Called where it happened, a signal handler perhaps. May be
	 * NULL. */
	void (*ended)(const char *why, const char *directory);
};

/* At load, once. Makes the directory where it is missing (0700, its parent must be there) and
 * checks it: no link; this user's and closed to others, or else (the administrator's shared one) a
 * directory named by the user's number in it. The first streams are made by the first event. False
 * where there can be no trace; `ended` has been told. */
bool trace_writer_start(const struct trace_setup *setup);

/* False before the start, and once tracing has ended. */
extern bool trace_is_on;
static inline bool trace_on(void)
{
	return __atomic_load_n(&trace_is_on, __ATOMIC_RELAXED);
}

/* Nanoseconds of CLOCK_REALTIME. */
static inline uint64_t trace_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* Writes EVENT with this thread's pid and tid. A time earlier than the stream's last becomes that
 * one. In a vfork child, whose memory is its parent's, with the parent's numbers. */
void trace_write(const struct trace_event *event);

/* Another number in each process that may write; 0 where none is written. What trace_name() gave
 * under one is nothing under another: a child of a raw fork too has none of its parent's. */
extern const uint64_t *trace_epoch_at; /* NULL before the start */
uint64_t trace_epoch_begin(void);
static inline uint64_t trace_epoch(void)
{
	const uint64_t *at = trace_epoch_at;
	uint64_t epoch = at ? __atomic_load_n(at, __ATOMIC_RELAXED) : 0;

	return epoch || !at ? epoch : trace_epoch_begin();
}

/* The number of a text in this process's stream of names, written there when it is new; 0 where
 * it can't be written (now: ask again another time). Text is cut at 4,095 bytes. */
uint32_t trace_name(enum trace_name_kind kind, uint64_t device, uint64_t inode, const char *text);

/* The object that ADDRESS lies in, and the place in its file as addr2line wants it; module 0 where
 * it is not known. Asks /proc/self/maps for an address of an object not seen before. */
void trace_site(const void *address, uint32_t *ret_module, uint64_t *ret_offset);

/* Before the process may lose its way to the directory (chroot, a change of user): makes the
 * streams that this process needs now. A child of a later fork then has none, which is said. */
void trace_prepare(void);

/* At exit: gives back what was reserved and not used. Events may still follow. */
void trace_writer_end(void);

#endif
