/* SPDX-License-Identifier: MIT
 * The stand-ins of this process and the numbers that they stand in for: what standin.c follows and
 * standin_make.c makes. */
#ifndef LOCKSHIM_STANDIN_TABLE_H
#define LOCKSHIM_STANDIN_TABLE_H

#include <stdbool.h>
#include <stdint.h>

#define STANDINS 64
#define STANDIN_NUMBERS 4096

/* What is known of a number. */
enum {
	STANDIN_ENTRY = 0xff,     /* place in the table, from 1; 0: no stand-in */
	STANDIN_TWIN = 1 << 8,    /* other numbers may have its description */
	STANDIN_SHARED = 1 << 9,  /* other processes may have it */
	STANDIN_LEAVING = 1 << 10 /* it is being closed */
};

struct standin {
	int number;  /* -1: being made or closed; 0: none. Published last. */
	bool pinned; /* a number that we don't follow has the description too */
	bool shared; /* it was there when the process forked */
	uint64_t device, inode;
};

extern struct standin standins[STANDINS + 1];
extern uint16_t standin_of[STANDIN_NUMBERS];

/* What is known of FD; SHARED where nothing is followed. */
unsigned standin_known(int fd);

/* False in a vfork child, whose memory is its parent's but whose descriptors are not. */
bool standin_may_write(void);

/* True where NUMBER is what STANDIN stands for, or stands in by. */
bool standin_fits(const struct standin *standin, int number);

/* A free place, claimed: number is -1. 0: none. */
unsigned standin_claim(void);

/* Puts FD, of which KNOWN is known, into place ENTRY. False where more is known by now. */
bool standin_map(int fd, unsigned known, unsigned entry);

/* How many forks began; false while one is under way. */
bool standin_forks(unsigned *ret);

/* Whether close-on-exec is set. */
bool standin_is_cloexec(int fd);

#endif
