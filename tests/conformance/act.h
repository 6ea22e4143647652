/* SPDX-License-Identifier: MIT
 * What this program does as another one, on a descriptor that it inherited. */
#ifndef LOCKSHIM_TESTS_CONFORMANCE_ACT_H
#define LOCKSHIM_TESTS_CONFORMANCE_ACT_H

/* lock: as `flock -x -n FD`; unlock: as `flock -u FD`; stay: says a byte and waits for one. The
 * exit status. */
int act(const char *action, int fd);

/* This program's path, for helper_exec(). */
extern const char *self;

#endif
