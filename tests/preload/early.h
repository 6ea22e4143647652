/* SPDX-License-Identifier: MIT
 * What the early constructor did. */
#ifndef LOCKSHIM_TESTS_PRELOAD_EARLY_H
#define LOCKSHIM_TESTS_PRELOAD_EARLY_H

struct early {
	char path[64];
	int fd, flags, result;
	int raised; /* EARLY_SEMAPHORE was found and raised */
};
extern __attribute__((visibility("default"))) struct early early;

#endif
