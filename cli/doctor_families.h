/* SPDX-License-Identifier: MIT
 * Which lock families exclude which on a file system, and whom they reach, by its type and its
 * mount options. A table of facts; --try measures them. */
#ifndef CLI_DOCTOR_FAMILIES_H
#define CLI_DOCTOR_FAMILIES_H

#include "policy/policy.h"

enum cli_meets { CLI_APART, CLI_TOGETHER, CLI_UNSURE };

struct cli_families {
	const char *fstype;         /* glob on mountinfo's name */
	const char *option;         /* whole mount option, or NULL: any */
	enum cli_meets meets;       /* flock and the record locks of others on this host */
	const char *flock, *record; /* who else is kept out: hosts */
	const char *trouble;        /* what goes wrong whatever the policy says, or NULL */
	const char *cure;           /* of the trouble */
	bool flock_stays;           /* on this host, while record locks reach the server */
};

/* Never NULL. OPTIONS of MOUNT are asked. */
const struct cli_families *cli_families_of(const struct policy_mount *mount);

/* Those of the mount's options that matter to locks, "-" where there is none. */
const char *cli_families_options(const struct policy_mount *mount);

const char *cli_meets_text(enum cli_meets meets);

#endif
