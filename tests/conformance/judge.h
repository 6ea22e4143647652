/* SPDX-License-Identifier: MIT
 * The judge of one probe. */
#ifndef LOCKSHIM_TESTS_CONFORMANCE_JUDGE_H
#define LOCKSHIM_TESTS_CONFORMANCE_JUDGE_H

#include "tests/conformance/table.h"

/* Answers what the probe asks over SOCKET about FILE until it has told its cell, which is copied.
 * "HANGS" where none came in SECONDS, a guard; "DIED" where the probe is gone. */
void judge(int socket, const char *file, unsigned domains, int seconds, char ret_cell[CELL_ROOM]);

#endif
