/* SPDX-License-Identifier: MIT
 * The places of this host that doctor looks at where nobody names one. */
#ifndef CLI_DOCTOR_HOST_H
#define CLI_DOCTOR_HOST_H

#include "cli/mounts.h"

/* Directories that this host exports over NFS, once each, NULL behind the last. */
const char **cli_doctor_exports(void);

/* The next mount from *AT on whose options keep locks from where they should go; one of a device.
 * False: no more. */
bool cli_doctor_next_mount(const struct cli_mounts *mounts, const char **at,
			   struct policy_mount *ret);

#endif
