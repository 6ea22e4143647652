/* SPDX-License-Identifier: MIT
 * doctor's judgement of what it found: problems, notes, advice and rules to paste. */
#ifndef CLI_DOCTOR_JUDGE_H
#define CLI_DOCTOR_JUDGE_H

#include "cli/doctor.h"

/* Of a file, a directory or a mount point; families are set, users and tried may be NULL. */
void cli_doctor_judge_place(const struct cli_explained *explained, struct cli_doctor *doctor);

/* Says where two of USERS don't keep each other out; one of them PID, or with 0 any two of one
 * file.
 */
void cli_doctor_judge_users(const struct cli_users *users, int pid, struct cli_doctor *doctor);

#endif
