/* SPDX-License-Identifier: MIT
 * Acts that provoke a hazard, and harmless ones like them, each in a process of its own that says
 * what it meets. */
#ifndef LOCKSHIM_TESTS_PRELOAD_HAZARD_ACTS_H
#define LOCKSHIM_TESTS_PRELOAD_HAZARD_ACTS_H

#include "tests/preload/common.h"

struct act {
	const char *name;
	void (*run)(const struct place *place);
	const char *set;    /* LOCKSHIM_SET */
	const char *hazard; /* the one that is named; NULL: none */
};

/* Comes first in main, and returns in the tests' process only. A table ends with a nameless act,
 * the list of tables with NULL. */
void act_main(int argc, char **argv, const struct act *const tables[]);

/* Runs each of the table, and fails the test where another hazard is named than its own, or none.
 * Without the shim none is named. */
void assert_acts(const struct act *acts, const struct place *place);

/* The same under SET, where none names a hazard. */
void assert_acts_cured(const struct act *acts, const struct place *place, const char *set);

/* The same for one, under POLICY (policy_of()); NULL: an empty one. */
void assert_act(const struct act *act, const struct place *place, const char *policy);

/* Starts ACT in a new process that has FD, and waits for its end. */
void act_with(const struct place *place, const char *act, int fd);

/* The descriptor that act_with() gave this process. */
int act_given(void);

#endif
