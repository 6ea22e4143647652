/* SPDX-License-Identifier: MIT
 * What /proc/locks says of a file. */
#ifndef LOCKSHIM_TESTS_CONFORMANCE_JUDGE_LOCKS_H
#define LOCKSHIM_TESTS_CONFORMANCE_JUDGE_LOCKS_H

int locks_waiting(const char *file);

/* The pid of the first lock of KIND 'F', 'P' or 'O'; 0: none. */
int locks_pid(const char *file, int kind);

#endif
