/* SPDX-License-Identifier: MIT
 * The judge's eyes for a part of a file. */
#ifndef LOCKSHIM_TESTS_CONFORMANCE_JUDGE_RANGE_H
#define LOCKSHIM_TESTS_CONFORMANCE_JUDGE_RANGE_H

#include <fcntl.h>
#include <sys/types.h>

#include "tests/conformance/question.h"

/* What F_GETLK answers about a write lock of the range that is ASKED for. */
struct flock range_against(const char *file, const struct question *asked);

/* Tries an OFD lock through a new descriptor. 0 or errno. */
int range_try(const char *file, const struct question *asked);

/* A process that holds a range. Not the judge, which opens and closes the file. */
struct range_holder {
	pid_t pid; /* 0: none */
	int tell;
};
int range_hold(struct range_holder *holder, const char *file, const struct question *asked);
void range_let_go(struct range_holder *holder);

#endif
