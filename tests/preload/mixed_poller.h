/* SPDX-License-Identifier: MIT
 * An outsider that asks for a whole file without pause, by raw OFD locks. */
#ifndef LOCKSHIM_TESTS_PRELOAD_MIXED_POLLER_H
#define LOCKSHIM_TESTS_PRELOAD_MIXED_POLLER_H

#include <sys/types.h>

struct poller {
	pid_t pid;
	volatile unsigned *granted, *tries;
};

struct poller poller_start(const char *path);

/* How often it was granted in two whole tries that began after this call. */
unsigned poller_granted(const struct poller *poller);

void poller_stop(struct poller *poller);

#endif
