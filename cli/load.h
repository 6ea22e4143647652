/* SPDX-License-Identifier: MIT
 * The policy as a process started from here would read it: file, includes, LOCKSHIM_TRACE,
 * LOCKSHIM_LOG, LOCKSHIM_SET. */
#ifndef CLI_LOAD_H
#define CLI_LOAD_H

#include "cli/cli.h"
#include "policy/policy.h"

struct cli_policy {
	struct policy *policy;
	const char *file;    /* absolute */
	const char *overlay; /* LOCKSHIM_SET with what -o added; NULL where empty */
	const char *overlay_name;
	bool missing; /* nobody asked for a file and the default one is not there */
};

/* The file asked for (-p, else LOCKSHIM_POLICY, else the installed one), overlaid. Returns CLI_OK,
 * or CLI_WRONG once the error is said. Not bound to a process yet. */
int cli_load(struct cli_policy *ret, const char *file, const struct cli_texts *set);

/* Says so where the environment turns the library off. */
void cli_load_warn_disabled(void);

#endif
