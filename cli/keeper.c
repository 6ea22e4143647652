/* SPDX-License-Identifier: MIT
 * Whether a keeper can be started, as far as the installed files tell. */
#include "cli/keeper.h"
#include "cli/memory.h"

#include <err.h>
#include <string.h>
#include <unistd.h>

#define PROGRAM "lockshim/lockshim-keeper" /* beside the library, as the library looks for it */

static bool asks_for_one(const struct policy_actions *actions)
{
	unsigned families =
		policy_flock_families((enum policy_flock_value)actions->value[POLICY_FLOCK]);

	return families & ~(unsigned)POLICY_FAMILY_NATIVE && !actions->value[POLICY_SHADOW] &&
	       actions->value[POLICY_OPEN_MODE] == POLICY_OPEN_MODE_KEEPER;
}

bool cli_keeper_is_asked_for(const struct policy *policy)
{
	for (size_t i = 0; i < policy->rules_count; i++) {
		if (asks_for_one(&policy->rules[i]->actions))
			return true;
	}
	return asks_for_one(&policy->no_rule);
}

void cli_keeper_warn(const struct policy *policy, const struct cli_library *library)
{
	const char *slash = library->file ? strrchr(library->file, '/') : NULL, *program;

	if (!slash || !cli_keeper_is_asked_for(policy))
		return;
	program = cli_memory_format("%.*s/" PROGRAM, (int)(slash - library->file), library->file);
	if (access(program, X_OK))
		warn("warning: %s: no keeper can be started, and LOCK_EX on a descriptor opened "
		     "read-only, LOCK_SH on one opened write-only get EBADF",
		     program);
}
