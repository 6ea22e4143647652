/* SPDX-License-Identifier: MIT
 * The program that holds what a read-only or write-only descriptor can't. */
#ifndef CLI_KEEPER_H
#define CLI_KEEPER_H

#include "cli/library.h"
#include "policy/policy.h"

/* Says so where the policy can ask for a keeper and LIBRARY has no program for it beside it. */
void cli_keeper_warn(const struct policy *policy, const struct cli_library *library);

#endif
