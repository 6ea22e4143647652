/* SPDX-License-Identifier: MIT
 * The advised policy as text. */
#ifndef CLI_ADVISE_TRACE_PRINT_H
#define CLI_ADVISE_TRACE_PRINT_H

#include <stdio.h>

#include "cli/advise_trace_plan.h"

/* What the trace is and what it doesn't tell, as comments. */
void advise_print_head(FILE *out, const char *directory, const struct advise_whole *whole,
		       uint64_t discarded);

/* Each rule, or why there is none. */
void advise_print_rules(FILE *out, const struct advise_rule *rules, size_t count);

#endif
