/* SPDX-License-Identifier: MIT
 * The lock calls a program can make, and what a verdict makes of each. */
#ifndef CLI_CALLS_H
#define CLI_CALLS_H

#include "cli/cli.h"
#include "policy/policy.h"

struct cli_call {
	const char *name; /* as --call takes it */
	const char *text; /* as a program writes it */
};

extern const struct cli_call cli_calls[];
extern const size_t cli_calls_count;

/* What stands for a file: the actions, and why they change nothing, if so. */
struct cli_verdict {
	const struct policy_actions *actions;
	unsigned families;  /* as policy_families() */
	const char *passed; /* why every call passes, or NULL */
	bool shadow;        /* it passes because of shadow = yes */
	bool special;       /* no regular file: nothing is done around a call */
};

/* What the call becomes. *ret_changed: it is no longer what the program asked for. */
const char *cli_calls_becomes(const struct cli_call *call, const struct cli_verdict *verdict,
			      bool *ret_changed);

/* The calls of that name as bits by place in cli_calls, all where NAMES is empty. 0 once it is said
 * which name is unknown. */
unsigned cli_calls_choose(const struct cli_texts *names);

#endif
