/* SPDX-License-Identifier: MIT
 * From facts to rules: one a program and file system, and one for files that need another. */
#ifndef CLI_ADVISE_TRACE_PLAN_H
#define CLI_ADVISE_TRACE_PLAN_H

#include "cli/advise_trace_facts.h"
#include "policy/policy.h"

struct advise_rule {
	const struct advise_program *program;
	const char *filesystem; /* a mount point; NULL: by path */
	const char *paths;      /* the list; NULL where there is `filesystem`, or no name at all */
	const char *passes;     /* why nothing is converted there; NULL: it is */
	bool exception;         /* files that an other rule would take otherwise */
	enum policy_flock_value flock; /* where flocks were seen */
	const char *example;           /* one of the files that made it so; NULL: not known */
	uint64_t files;
	uint64_t of[ADVISE_COUNTS];
	uint64_t meets, outside, apart; /* times, flocks, files */
	bool upgraders;
};

/* *ret_count rules, in the order in which they must stand. */
struct advise_rule *advise_plan(const struct advise_whole *whole, size_t *ret_count);

#endif
