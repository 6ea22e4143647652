/* SPDX-License-Identifier: MIT
 * What check has to say of a policy that reads well. */
#ifndef CLI_ADVICE_H
#define CLI_ADVICE_H

#include "cli/load.h"

/* Prints warnings (a rule that can't work here as it is written) and notes (what a rule that works
 * can lose) on standard error. Returns the number of warnings. */
unsigned cli_advice_print(const struct cli_policy *policy);

#endif
