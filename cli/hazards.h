/* SPDX-License-Identifier: MIT
 * What a value of flock, fcntl or ofd can lose, and what it changes, by name: as lockshim.conf(5)
 * has the names. */
#ifndef CLI_HAZARDS_H
#define CLI_HAZARDS_H

#include "cli/load.h"

/* Notes on what the rule itself asks for. */
void cli_hazards_of_rule(const struct policy *policy, const struct policy_rule *rule);

/* On what LOCKSHIM_SET or -o asks for: once, for all rules and for none. */
void cli_hazards_of_overlay(const struct cli_policy *loaded);

#endif
