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

/* The same, with PREPARE called in the new process before it becomes PROGRAM, unless it is NULL. */
int run_prepared(void (*prepare)(void), const char *const argv[], const char *const environment[],
		 char *ret_stderr, size_t room);

/* Writes the place's policy file; gives the variable that names it. */
const char *policy_of(const struct place *place, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* What needs a process that has not locked yet, or other variables: this program started again, to
 * do that alone. SCENARIOS ends with a nameless one; scenario_main comes first in main, and returns
 * in the tests' process only. */
struct scenario {
	const char *name;
	void (*run)(const struct place *place);
};
void scenario_main(int argc, char **argv, const struct scenario *scenarios);

/* Runs one under POLICY, or under the test's own variables where that is NULL, in mounts of its own
 * where those can be had. The test is failed or skipped as the scenario is. */
void assert_scenario(const char *name, const struct place *place, const char *policy,
		     void (*prepare)(void));

/* ARGV as this machine can execute it: behind the emulator, where the tests run under one. Valid
 * until the next call. */
const char *const *runnable(const char *const argv[]);

/* system() for the machine's own programs. They need not be of our class, so that nothing is
 * preloaded into them. */
int host_command(const char *command);

/* skip(), for tests and scenarios. */
void skip_here(void);

/* Skips what the emulator can't carry, and says WHY. */
void need_no_emulator(const char *why);

/* For a group's setup: from here on nothing is mounted where everybody would see it. */
int own_mounts(void **state);

/* Skips where mounts are not to be had. AT is made. */
void need_mounts(void);
void mount_new(const char *type, const char *at);

#endif
