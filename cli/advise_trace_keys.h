/* SPDX-License-Identifier: MIT
 * The action keys of an advised rule, each under a comment that says why. */
#ifndef CLI_ADVISE_TRACE_KEYS_H
#define CLI_ADVISE_TRACE_KEYS_H

#include <stdio.h>

#include "cli/advise_trace_plan.h"

/* True where the rule would change something, or has to keep a later one from doing so. */
bool advise_keys_matter(const struct advise_rule *rule);

void advise_keys_print(FILE *out, const struct advise_rule *rule);

/* "1 flock", "1,234 flocks". */
const char *advise_count_of(uint64_t count, const char *thing);

#endif
