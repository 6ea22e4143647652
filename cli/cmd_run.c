/* SPDX-License-Identifier: MIT
 * lockshim run: sets the environment that loads the library, and becomes the command. */
#include "cli/cli.h"
#include "cli/keeper.h"
#include "cli/library.h"
#include "cli/load.h"
#include "cli/options.h"
#include "cli/preload.h"
#include "cli/program.h"
#include "cli/reach.h"
#include "cli/record.h"

#include <err.h>
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

static void set(const char *name, const char *value)
{
	if (value && setenv(name, value, 1))
		err(CLI_FAILED, "%s", name);
}

static void set_environment(const struct cli_arguments *arguments, const struct cli_policy *policy,
			    const struct cli_library *library)
{
	set("LD_PRELOAD", cli_preload_extend(getenv("LD_PRELOAD"), library->preload));
	set("LOCKSHIM_SERVICE", arguments->service);
	if (arguments->policy_file)
		set("LOCKSHIM_POLICY", policy->file);
	set("LOCKSHIM_SET", policy->overlay);
}

static int become(char **command, bool found)
{
	bool missing;

	execvp(command[0], command);
	missing = errno == ENOENT;
	if (missing && found)
		warnx("%s: its interpreter or loader is not there", command[0]);
	else
		warn("%s", command[0]);
	return missing && !found ? CLI_NOT_FOUND : CLI_NOT_EXECUTABLE;
}

static int run(const struct cli_arguments *arguments)
{
	struct cli_policy policy;
	struct cli_library library;
	const char *file;
	int status;

	if (!arguments->operands_count) {
		warnx("no command to run given");
		return cli_options_hint(&cli_cmd_run);
	}
	status = cli_record_set(arguments);
	if (status == CLI_OK)
		status = cli_load(&policy, arguments->policy_file, &arguments->set);
	if (status == CLI_OK)
		status = cli_library_find(arguments->library, &library);
	if (status != CLI_OK)
		return status;
	file = cli_program_search(arguments->operands[0]);
	if (file)
		cli_reach_warn(file, &library);
	cli_keeper_warn(policy.policy, &library);
	cli_load_warn_disabled();
	set_environment(arguments, &policy, &library);
	return become(arguments->operands, file);
}

const struct cli_command cli_cmd_run = {
	.name = "run",
	.synopsis = "[options] [--] <command> [<argument>...]",
	.summary = "Run a command with lockshim preloaded.",
	.takes = CLI_TAKES_POLICY | 1u << CLI_OPTION_SERVICE | 1u << CLI_OPTION_LIBRARY |
		 1u << CLI_OPTION_LOG | 1u << CLI_OPTION_TRACE,
	.ends_at_operand = true,
	.more_help = "Exits as the command does; 2 where the policy is broken, 126 where the\n"
		     "command cannot be executed, 127 where it is not found.\n",
	.run = run,
};
