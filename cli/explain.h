/* SPDX-License-Identifier: MIT
 * What explain found out of one file, before it is printed. */
#ifndef CLI_EXPLAIN_H
#define CLI_EXPLAIN_H

#include "cli/calls.h"
#include "cli/file.h"
#include "cli/json.h"
#include "cli/load.h"
#include "cli/process.h"

struct cli_explained {
	const struct cli_policy *policy;
	const struct cli_process *process;
	struct cli_file file;
	const struct policy_rule *rule; /* that decides, or NULL */
	struct cli_verdict verdict;
	unsigned calls; /* to show: bits by place in cli_calls */
};

/* Fills rule and verdict: the policy is bound to the process, the file looked at. */
void cli_explain_decide(struct cli_explained *explained);

/* Why a rule before the deciding one does not match. */
struct cli_misfit {
	const char *key;
	const char *wanted; /* as the rule has it */
	const char *found;  /* the file's or the process' own value */
};

struct cli_misfit cli_explain_misfit(const struct cli_explained *explained,
				     const struct policy_rule *rule);

/* An action's value as it would be written, and who said so: "default", "LOCKSHIM_SET" or
 * FILE:LINE. What is the process's, not the file's, is taken from the rule that says so for it. */
const char *cli_explain_value(const struct cli_explained *explained, enum policy_action action);
const char *cli_explain_origin(const struct cli_explained *explained, enum policy_action action);

/* FILE:LINE of a rule. */
const char *cli_explain_place(const struct policy_rule *rule);
/* The program's path, or its name where no more is known; NULL where none was given. */
const char *cli_explain_program(const struct cli_process *process);
/* The user as "NAME (UID)", or the number alone. */
const char *cli_explain_user(const struct cli_process *process);
/* "MAJOR:MINOR" */
const char *cli_explain_device(uint64_t device);
const char *cli_explain_exported(enum policy_answer answer);

void cli_explain_print_text(const struct cli_explained *explained);
void cli_explain_print_json(const struct cli_explained *explained, struct cli_json *json);

#endif
