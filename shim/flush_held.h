/* SPDX-License-Identifier: MIT
 * What this process holds, by descriptor number, under rules that flush: a memory that may know of
 * too much and, but for what passes our wrappers, never of too little. Atomics only. */
#ifndef LOCKSHIM_FLUSH_HELD_H
#define LOCKSHIM_FLUSH_HELD_H

#include <stdbool.h>
#include <stdint.h>

#include "policy/policy.h"

enum flush_held_bit {
	HELD_FLOCK = 1 << 0,
	HELD_EXCLUSIVE = 1 << 1, /* LOCK_EX */
	HELD_RECORD = 1 << 2,    /* an OFD lock that the program asked for */
	HELD_POSIX = 1 << 3,     /* goes with any number of the file */
	HELD_WRITE = 1 << 4,     /* F_WRLCK was among them */
	HELD_MAYBE = 1 << 5,     /* another program may have locked through it */
	HELD_TWIN = 1 << 6,      /* another number has, or had, its description */
};
#define HELD_ANY (HELD_FLOCK | HELD_RECORD | HELD_POSIX)

struct flush_held {
	uint32_t file; /* object_hash(); 0: not known */
	uint8_t bits;  /* enum flush_held_bit */
	uint8_t flush; /* enum policy_on_unlock_value, of the rule of the last grant */
	uint8_t report;
	uint8_t owed; /* errno of a flush that failed, which the next fsync is to answer */
};

/* At load; false without memory: then nothing is remembered and everything is in doubt. */
bool flush_held_start(void);

/* What is known of a number; nothing of one from here on. */
#define FLUSH_HELD_NUMBERS 4096
struct flush_held flush_held_get(int fd);

/* True where the number's own memory is all there is to know: it is low enough, and of a process
 * that sees what it does (a vfork child may not write). */
bool flush_held_tells(int fd);

/* True where not all was remembered that is held: any number of a file may have a POSIX lock. */
bool flush_held_strayed(void);
void flush_held_stray(void);

/* BITS are held through FD from now on. */
void flush_held_add(int fd, unsigned bits, uint32_t file, const struct policy_actions *around);

/* ERROR, a flush through FD met: the kernel tells it to one caller alone. Owed by every number
 * known to have FD's description. */
void flush_held_owe(int fd, uint32_t file, int error);

/* What FD owes, once; 0 where nothing, or where its word is of another file than FILE. */
int flush_held_claim(int fd, uint32_t file);

/* FD is closed. */
void flush_held_forget(int fd);

/* FD is open, and what it holds is not known. */
void flush_held_doubt(int fd);

/* No longer. */
void flush_held_drop(int fd, unsigned bits);

/* The same for all numbers of a file. */
void flush_held_drop_file(uint32_t file, unsigned bits);

/* TO is a duplicate of FROM. */
void flush_held_copy(int from, int to);

/* The first number from AT on with one of BITS and, where FILE is not 0, of that file; -1: none. */
int flush_held_next(int at, unsigned bits, uint32_t file);

#endif
