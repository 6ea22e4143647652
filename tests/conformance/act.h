/* SPDX-License-Identifier: MIT
 * What this program does as another one, on a descriptor that it inherited. */
#ifndef LOCKSHIM_TESTS_CONFORMANCE_ACT_H
#define LOCKSHIM_TESTS_CONFORMANCE_ACT_H

#include "tests/support/outsider.h"

/* lock: as `flock -x -n FD`; unlock: as `flock -u FD`; stay: says a byte and waits for one;
 * lock-stay, unlock-stay: the one, then the other; lock-stay says an n where it is refused. By
 * calls of FAMILY. The exit status. */
int act(const char *action, int fd, enum outsider_family family);

/* flock's operations by calls of FAMILY; a record lock covers the whole file. */
int lock_by(enum outsider_family family, int fd, int operation);

/* This program's path, for helper_exec(). */
extern const char *self;

#endif
