/* SPDX-License-Identifier: MIT
 * An outsider with offsets of 64 bits, whatever the test that asks was built with. */
#ifndef LOCKSHIM_TESTS_REACH_RANGE_H
#define LOCKSHIM_TESTS_REACH_RANGE_H

#include <stdint.h>

#include "tests/support/outsider.h"

/* A POSIX write lock on these bytes (length 0: to the end), tried in a process of its own by system
 * call, and let go: 0, or the errno. Both POSIX and OFD locks of others refuse it. */
int range_try(const char *path, int64_t start, int64_t length);

/* Holds the same until outsider_stop(). */
struct outsider range_hold(const char *path, int64_t start, int64_t length);

#endif
