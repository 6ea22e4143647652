/* SPDX-License-Identifier: MIT
 * fcntl's record locks, lockf and OFD calls where a rule says what they become. */
#ifndef LOCKSHIM_RECORD_RULE_H
#define LOCKSHIM_RECORD_RULE_H

#include <stdbool.h>
#include <stdint.h>

#include "shim/fcntl_lock.h"
#include "shim/start.h"

/* One call of fcntl with a lock command. */
struct record_call {
	int (*next_fcntl)(int fd, int command, ...);
	enum fcntl_lock_kind kind;
	bool ofd; /* F_OFD_…: COMMAND is one of those three */
	int fd, command;
	void *argument;
};

/* As fcntl answers, errno included. */
int record_rule_fcntl(const struct shim_state *state, const struct record_call *call);

/* As lockf answers. */
int record_rule_lockf(const struct shim_state *state, int fd, int command, int64_t len);

#endif
