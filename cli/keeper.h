/* SPDX-License-Identifier: MIT
 * The program that holds what a read-only or write-only descriptor can't. */
#ifndef CLI_KEEPER_H
#define CLI_KEEPER_H

#include "cli/library.h"
#include "policy/policy.h"

/* True where a rule can ask for a keeper. */
bool cli_keeper_is_asked_for(const struct policy *policy);

/* Says so where the policy can ask for a keeper and LIBRARY has no program for it beside it. */
void cli_keeper_warn(const struct policy *policy, const struct cli_library *library);

#endif
