/* SPDX-License-Identifier: MIT
 * What every preload test needs: cmocka, a file of its own, and whether the shim is there. */
#ifndef LOCKSHIM_TESTS_PRELOAD_COMMON_H
#define LOCKSHIM_TESTS_PRELOAD_COMMON_H

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/support/outsider.h"

/* Started with the shim preloaded, under LOCKSHIM_SET=flock=ofd. */
bool shimmed(void);

/* A fresh empty file for one test, removed with its directory after it. */
struct place {
	char directory[64];
	char file[96];
};
int place_make(void **state);
int place_remove(void **state);

#define place_test(name) cmocka_unit_test_setup_teardown(name, place_make, place_remove)

/* Opens or fails the test. */
int must_open(const char *path, int flags);

/* What the outsider is answered where flock became an OFD lock, and where it did not. */
#define REFUSED_UNDER_SHIM (shimmed() ? EAGAIN : 0)
#define REFUSED_WHEN_BARE (shimmed() ? 0 : EAGAIN)

/* Locks FILE from outside, and says how the program's own lock is seen there: as a flock, bare, or
 * as an OFD lock, under the shim. */
void assert_held(const char *path, int operation);
void assert_free(const char *path);

/* Runs PROGRAM with ARGUMENTS and these environment entries over our own; gives its exit status and
 * what it wrote to standard error. */
int run_with(const char *const argv[], const char *const environment[], char *ret_stderr,
	     size_t room);

#endif
