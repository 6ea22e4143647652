/* SPDX-License-Identifier: MIT
 * What a probe found out, for a person and for a program. */
#ifndef CLI_PROBE_PRINT_H
#define CLI_PROBE_PRINT_H

#include "cli/probe_policy.h"
#include "cli/probe_results.h"

/* POLICY is NULL where none was asked for. */
void probe_print_text(const struct probe_results *results, const struct probe_policy *policy);
void probe_print_json(const struct probe_results *results, const struct probe_policy *policy);

#endif
