/* SPDX-License-Identifier: MIT
 * Record locks on a part of the file, by the calls of the table's family. */
#ifndef LOCKSHIM_TESTS_CONFORMANCE_RECORD_H
#define LOCKSHIM_TESTS_CONFORMANCE_RECORD_H

#include "tests/conformance/probe.h"

enum how { BY_SET, BY_WAIT, BY_GET, HOWS };

/* fcntl with F_SETLK, F_SETLKW or F_GETLK, or what OFD locks have for it. */
int record_call(const struct probe *probe, int fd, enum how how, struct flock *record);

/* Without waiting, from START on; LENGTH 0: to the end. */
int record_set(const struct probe *probe, int fd, short type, off_t start, off_t length);
void must_set(const struct probe *probe, int fd, short type, off_t start, off_t length);

/* The first bytes as outsiders meet them: 'W', 'R' or '.' each. Valid until the next call. */
#define MAP_BYTES 12
const char *map_of(const struct probe *probe);

/* "pid" where it is EXPECTED, "-1", "none" for 0. */
const char *pid_word(int pid, int expected);

#endif
