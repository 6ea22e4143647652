/* SPDX-License-Identifier: MIT
 * The inside of holders: for holders*.c alone. */
#ifndef CLI_HOLDERS_TABLE_H
#define CLI_HOLDERS_TABLE_H

#include "cli/holders.h"
#include "cli/index.h"

struct holders_hold {
	struct cli_hold hold;
	struct holders_hold *next;
};

struct holders_wait {
	struct cli_wait wait;
	struct holders_wait *next;           /* of the file */
	struct holders_wait *next_of_thread; /* what a signal handler waits for comes first */
	struct holders_file *file;
};

/* The holds with no bytes in common, or of owners that share them. */
struct holders_file {
	struct cli_index_key key;
	struct holders_hold *holds; /* newest first */
	struct holders_wait *waits;
	unsigned holds_count;
	uint8_t became[8];         /* by what was asked: the families of its grants */
	struct holders_hold *last; /* what was let go last while somebody waited, or NULL */
	uint64_t last_end;
};

struct holders_thread {
	struct cli_index_key key; /* place of the process, tid */
	struct holders_wait *waits;
	uint64_t visited; /* by the search of that number */
};

struct cli_holders {
	struct cli_holders_calls calls;
	void *context;
	struct cli_index files, threads;
	struct holders_hold *free_holds;
	struct holders_wait *free_waits;
	uint64_t numbers, searches, forgotten;
};

/* holders_lock.c */

/* The lock is the process's, whichever descriptor it was asked through; else a description's. */
bool cli_holders_lock_of_process(const struct cli_lock *lock);

/* One owner's, as far as descriptors tell. */
bool cli_holders_lock_same_owner(const struct cli_lock *one, const struct cli_lock *other);

/* They have families that meet and bytes in common. */
bool cli_holders_lock_touch(const struct cli_lock *one, const struct cli_lock *other);

/* They touch, have two owners, and one of them is exclusive. */
bool cli_holders_lock_conflict(const struct cli_lock *one, const struct cli_lock *other);

/* holders_holds.c */

/* Adds a copy of HOLD, which gets a number. */
void cli_holders_hold_add(struct cli_holders *holders, struct holders_file *file,
			  const struct cli_hold *hold);

/* Takes the bytes of LOCK out of the hold at *LINK, and tells that those ended. Returns the link
 * of the next hold. */
struct holders_hold **cli_holders_hold_cut(struct cli_holders *holders, struct holders_file *file,
					   struct holders_hold **link, const struct cli_lock *lock,
					   uint64_t end, enum cli_held_end how);

/* The same of all of it, since another's grant shows that it ended. Its own release may come late,
 * so that it stays as one that is gone. */
struct holders_hold **cli_holders_hold_unseen(struct cli_holders *holders,
					      struct holders_file *file, struct holders_hold **link,
					      uint64_t end);

/* Tells what HOLD kept waiting, and that it ended. */
void cli_holders_hold_tell(struct cli_holders *holders, struct holders_file *file,
			   const struct cli_hold *hold, uint64_t end, enum cli_held_end how);

/* holders_release.c */

/* Finds and ends what the record says was let go. */
void cli_holders_release(struct cli_holders *holders, struct holders_file *file,
			 const struct trace_record *record, bool wanted);

/* holders_waits.c */

struct holders_thread *cli_holders_thread(struct cli_holders *holders, const struct cli_lock *lock);

void cli_holders_wait_begin(struct cli_holders *holders, struct holders_file *file,
			    const struct trace_record *record, bool wanted);

/* Tells that HOLD stood in the way of WAIT until END. */
void cli_holders_wait_charge(struct cli_holders *holders, struct cli_wait *wait,
			     const struct cli_hold *hold, uint64_t end);

/* Where the record answers a wait: tells what it waited for, and that it is over. */
void cli_holders_wait_answer(struct cli_holders *holders, struct holders_file *file,
			     const struct trace_record *record, bool wanted);

void cli_holders_wait_end_all(struct cli_holders *holders, struct holders_file *file,
			      uint64_t time);

/* holders_cycle.c: tells of a cycle that WAIT closes, if so. */
void cli_holders_cycle_look(struct cli_holders *holders, struct holders_wait *wait);

#endif
