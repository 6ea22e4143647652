/* SPDX-License-Identifier: MIT
 * The process that explain decides for: program, user and service. */
#ifndef CLI_PROCESS_H
#define CLI_PROCESS_H

#include "cli/cli.h"
#include "policy/policy.h"

struct cli_process {
	struct policy_process facts; /* started_as is NULL where no program was given */
	const char *user_name;       /* NULL where the number has no name */
};

/* From --program, --user, --service, else this process' own user and LOCKSHIM_SERVICE. Returns
 * CLI_OK, or CLI_WRONG once it is said what is wrong. */
int cli_process_make(const struct cli_arguments *arguments, struct cli_process *ret);

/* Sets what a rule can ask of the program that running FILE comes to. */
void cli_process_be(const char *file, struct policy_process *ret);

/* True where the text of a passwd file has that user. */
bool cli_process_has_user(const char *passwd, const char *name);

/* The passwd file, the only source of user names that the library reads. "" where unreadable. */
const char *cli_process_passwd(void);

#endif
