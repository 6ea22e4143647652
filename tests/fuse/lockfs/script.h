/* SPDX-License-Identifier: MIT
 * The script: rules that say what becomes of which request. Of those whose turn it is the first one
 * decides. */
#ifndef LOCKFS_SCRIPT_H
#define LOCKFS_SCRIPT_H

#include <stdbool.h>
#include <stdint.h>

/* What the journal records, as bits. fcntl's locks: setlk asks, setlkw waits, unlk lets go. */
enum operation {
	OP_OPEN = 1 << 0,
	OP_CREATE = 1 << 1,
	OP_READ = 1 << 2,
	OP_WRITE = 1 << 3,
	OP_TRUNCATE = 1 << 4,
	OP_FSYNC = 1 << 5,
	OP_FDATASYNC = 1 << 6,
	OP_FLUSH = 1 << 7,
	OP_RELEASE = 1 << 8,
	OP_GETLK = 1 << 9,
	OP_SETLK = 1 << 10,
	OP_SETLKW = 1 << 11,
	OP_UNLK = 1 << 12,
	OP_FLOCK = 1 << 13,
	OP_FLOCKW = 1 << 14,
	OP_UNFLOCK = 1 << 15,
};

enum action {
	ACTION_ANSWER, /* the errno, at once */
	ACTION_WAIT,   /* done after so many ms */
	ACTION_HOLD,   /* done when told; a signal to the caller ends it with EINTR */
	ACTION_HANG,   /* the same, and deaf to signals, as a server that is gone */
	ACTION_CRASH,  /* the file crashes before it */
};

struct rule {
	uint32_t operations;
	char *file;     /* NULL: any */
	unsigned turn;  /* the how-manieth that reaches the rule, from 1 */
	bool and_later; /* and all after it */
	enum action action;
	unsigned value; /* errno or ms */
};

/* The name of one bit; the bits of a name or of a group's: lock, unlock, sync, any. 0: unknown. */
const char *operation_name(enum operation operation);
uint32_t operations_named(const char *name);

/* Adds a rule from the words behind `on`: OPERATION FILE|* TURN[+]|* ACTION [VALUE]. -EINVAL. */
int script_add(char *words);
void script_clear(void);

/* The rules that name this file are done with. */
void script_forget(const char *file);

/* Counts the request with every rule that it fits. NULL: none decides. */
const struct rule *script_decides(enum operation operation, const char *file);

#endif
