/* SPDX-License-Identifier: MIT
 * The policy of a running process: what its environment names, read as the library reads it. */
#ifndef CLI_CONVERTED_POLICY_H
#define CLI_CONVERTED_POLICY_H

#include "cli/converted.h"

/* Fills state, policy_file, trouble and, where the process did not publish one, the hash. */
void cli_converted_policy(struct cli_converted *converted);

#endif
