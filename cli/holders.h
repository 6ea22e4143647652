/* SPDX-License-Identifier: MIT
 * Who holds and who waits at each time of a trace: records in the order of their times go in,
 * spans come out by callback. Memory goes with files, threads and locks held, not with records. */
#ifndef CLI_HOLDERS_H
#define CLI_HOLDERS_H

#include <stdbool.h>
#include <stdint.h>

#include "trace/reader.h"

/* What a hold and a wait have in common: from the record that began it. */
struct cli_lock {
	uint64_t number; /* 1 and up; only the pieces of one hold share it */
	uint64_t begin;
	const struct trace_process *process;
	const char *file, *rule, *module; /* as in struct trace_record */
	uint64_t offset, device, inode;
	int64_t start, end;  /* bytes; end is the first one behind, INT64_MAX: to the end */
	uint32_t tid, flags; /* enum trace_flag */
	int32_t fd;
	/* As in struct trace_event; what a wait used is guessed by the grants of its file. */
	uint8_t call, operation, asked, used;
	bool wanted; /* as given with the record */
	void *user;  /* the caller's: set it in a callback, find it in the next */
};

struct cli_hold {
	struct cli_lock lock;
	/* Closed by a process that shares the description: the span was told, others may hold it */
	bool handed_on;
	bool gone; /* another's grant showed that it ended; its release comes late or never */
};

struct cli_wait {
	struct cli_lock lock;
	int32_t blocker;  /* the process in the way as the kernel had it; 0: not known */
	unsigned holders; /* waited_for was called so often */
};

enum cli_held_end {
	CLI_HELD_RELEASED,
	CLI_HELD_CONVERTED, /* to the other mode, or asked for once more: another hold follows */
	CLI_HELD_UNSEEN,    /* another's grant shows that it ended: killed, or let go unseen */
	CLI_HELD_STILL,     /* at the end of the trace */
	CLI_HELD_DEAD,      /* so, and its process is no more */
};

enum cli_wait_end {
	CLI_WAIT_GRANTED,
	CLI_WAIT_REFUSED,   /* ERROR says why */
	CLI_WAIT_ABANDONED, /* the thread asked for the same file anew */
	CLI_WAIT_STILL,     /* at the end of the trace */
	CLI_WAIT_DEAD,      /* so, and its process is no more */
};

enum { CLI_CYCLE_LONGEST = 64 }; /* longer cycles are not found */

/* Any may be NULL. What is pointed to lives until the callback returns; processes and texts as long
 * as the reader. */
struct cli_holders_calls {
	/* A span of holding is over. `user` of a lock begins as NULL. */
	void (*held)(void *context, const struct cli_hold *hold, uint64_t end,
		     enum cli_held_end how);
	/* A span of waiting is over, after all waited_for of it. */
	void (*waited)(void *context, const struct cli_wait *wait, uint64_t end,
		       enum cli_wait_end how, int error);
	/* HOLD stood in the way of WAIT from BEGIN to END. May come before the end of either. */
	void (*waited_for)(void *context, const struct cli_wait *wait, const struct cli_hold *hold,
			   uint64_t begin, uint64_t end);
	/* What WAIT waited for went from HOLD, let go at RELEASED, to it at GRANTED. */
	void (*handed)(void *context, const struct cli_hold *hold, uint64_t released,
		       const struct cli_wait *wait, uint64_t granted);
	/* Each of WAITS waits for a lock of the next one's thread, the last for one of the first.
	 * Told when the last of them began to wait. */
	void (*cycle)(void *context, const struct cli_wait *const *waits, size_t count,
		      uint64_t time);
};

/* The part of a lock that a record tells: no number, no `user`. */
void cli_holders_lock_fill(struct cli_lock *ret, const struct trace_record *record, bool wanted);

struct cli_holders;

struct cli_holders *cli_holders_new(const struct cli_holders_calls *calls, void *context);

/* The next record by time. WANTED: the caller's own mark for what begins by it, as by a filter:
 * give all records, since the holder of a lock may be one that a filter leaves out. */
void cli_holders_take(struct cli_holders *holders, const struct trace_record *record, bool wanted);

/* Nothing comes behind TIME: ends all spans. */
void cli_holders_end(struct cli_holders *holders, uint64_t time);

/* Holds that were forgotten, since one file had more than the table takes. */
uint64_t cli_holders_forgotten(const struct cli_holders *holders);

#endif
