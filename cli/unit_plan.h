/* SPDX-License-Identifier: MIT
 * What enable is about to give to a service, and the checks on it. */
#ifndef CLI_UNIT_PLAN_H
#define CLI_UNIT_PLAN_H

#include "cli/unit.h"
#include "policy/policy.h"

struct cli_unit_plan {
	const struct cli_unit *unit;
	const char *preload; /* as it stands in LD_PRELOAD */
	const char *library; /* the object; NULL: only the loader knows */
	const char *service;
	const char *policy;                     /* absolute; NULL: the installed one */
	const char *set;                        /* LOCKSHIM_SET, or NULL */
	const char *trace;                      /* absolute directory, or NULL */
	bool opens_trace;                       /* the drop-in has to make it writable */
	const char *library_from, *policy_from; /* what a bind mount puts there, or NULL */
};

/* Looks at all that could break it, as the service's own user and in its root: says each on
 * standard error with file, line and remedy. CLI_OK, or CLI_WRONG where the service could not work
 * so. Sets opens_trace. */
int cli_unit_check(struct cli_unit_plan *plan);

/* Of the checks: those that need the unit's text alone, and those made from within. Each returns
 * how many refusals it said. */
unsigned cli_unit_check_settings(struct cli_unit_plan *plan);
unsigned cli_unit_check_environment(struct cli_unit_plan *plan);
unsigned cli_unit_check_inside(const struct cli_unit_plan *plan);
unsigned cli_unit_check_programs(const struct cli_unit_plan *plan);
unsigned cli_unit_check_calls(const struct cli_unit_plan *plan, const struct policy *policy);

/* The variable of those that the drop-in sets, or that undo it, which WORD, NAME or NAME=VALUE, is
 * about; NULL: none. */
const char *cli_unit_variable_in(const char *word);

/* Makes this process' environment what a program of the service would find of the library's
 * variables, so that cli_load() reads its policy. */
void cli_unit_set_environment(const struct cli_unit_plan *plan);

void cli_unit_refuse(const char *place, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void cli_unit_warn(const char *place, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

#endif
