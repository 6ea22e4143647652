/* SPDX-License-Identifier: MIT
 * doctor's look at a file or a directory. */
#ifndef CLI_DOCTOR_PATH_H
#define CLI_DOCTOR_PATH_H

#include "cli/doctor.h"

/* EXPLAINED: policy and process are set. TRY: see doctor_try.h. False with errno where neither the
 * path nor its directory can be looked at. */
bool cli_doctor_path(const char *path, bool try_it, struct cli_explained *explained,
		     struct cli_doctor *ret);

/* Says where two of USERS don't keep each other out; one of them PID, or with 0 any two of one
 * file.
 */
void cli_doctor_judge_users(const struct cli_users *users, int pid, struct cli_doctor *doctor);

#endif
