/* SPDX-License-Identifier: MIT
 * doctor's look at a file or a directory. */
#ifndef CLI_DOCTOR_PATH_H
#define CLI_DOCTOR_PATH_H

#include "cli/doctor.h"

/* EXPLAINED: policy and process are set. TRY: see doctor_try.h. False with errno where neither the
 * path nor its directory can be looked at. */
bool cli_doctor_path(const char *path, bool try_it, struct cli_explained *explained,
		     struct cli_doctor *ret);

/* A mount point by mountinfo alone: it is not asked itself, since its server may be dead. Not for
 * what this host exports. */
void cli_doctor_mount(const struct policy_mount *mount, const struct cli_mounts *mounts,
		      struct cli_explained *explained, struct cli_doctor *ret);

#endif
