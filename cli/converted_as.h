/* SPDX-License-Identifier: MIT
 * Files that a process names are opened with that process' rights: root, which looks at all of
 * them, would else read for a user what is not theirs. */
#ifndef CLI_CONVERTED_AS_H
#define CLI_CONVERTED_AS_H

#include "cli/converted_proc.h"
#include "policy/policy.h"

/* policy_load() of FILE with the rights and the trust of PROC; -EACCES, said in *ret_error, where
 * its rights could not be taken. Whoever is not root reads with their own. */
int cli_converted_load(const struct cli_proc *proc, const char *file, struct policy **ret,
		       struct policy_error *ret_error);

#endif
