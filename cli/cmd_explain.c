/* SPDX-License-Identifier: MIT
 * lockshim explain: which rule decides for a file, and what every call becomes there. The verdict
 * is the policy library's, as in a preloaded program. */
#include "cli/explain.h"
#include "cli/memory.h"
#include "cli/options.h"

#include <err.h>
#include <stdio.h>

static bool explain(const char *asked, const struct cli_mounts *mounts, const uint64_t *devices,
		    struct cli_explained *explained)
{
	if (!cli_file_look(asked, mounts, devices, &explained->file)) {
		warn("%s", asked);
		return false;
	}
	cli_explain_decide(explained);
	return true;
}

static void print_text(const struct cli_explained *explained, bool follows)
{
	if (follows)
		printf("\n");
	cli_explain_print_text(explained);
}

static int explain_all(const struct cli_arguments *arguments, struct cli_explained *explained)
{
	const struct policy *policy = explained->policy->policy;
	uint64_t *devices = cli_memory_get((policy->filesystems_count + 1) * sizeof(*devices));
	struct cli_json json = { 0 };
	struct cli_mounts mounts;
	int status = CLI_OK;

	if (!cli_mounts_read(&mounts))
		status = CLI_FAILED;
	policy_filesystem_devices(policy, mounts.text, mounts.len, devices);
	if (arguments->json) {
		cli_json_open(&json, NULL, '{');
		cli_json_open(&json, "files", '[');
	}
	for (size_t i = 0; i < arguments->operands_count; i++) {
		if (!explain(arguments->operands[i], &mounts, devices, explained))
			status = CLI_FAILED;
		else if (arguments->json)
			cli_explain_print_json(explained, &json);
		else
			print_text(explained, i > 0);
	}
	if (arguments->json) {
		cli_json_close(&json, ']');
		cli_json_close(&json, '}');
	}
	return status;
}

static int run(const struct cli_arguments *arguments)
{
	struct cli_policy policy;
	struct cli_process process;
	struct cli_explained explained = { .policy = &policy, .process = &process };
	int status;

	if (!arguments->operands_count) {
		warnx("no file given");
		return cli_options_hint(&cli_cmd_explain);
	}
	explained.calls = cli_calls_choose(&arguments->calls);
	if (!explained.calls)
		return CLI_WRONG;
	status = cli_load(&policy, arguments->policy_file, &arguments->set);
	if (status == CLI_OK)
		status = cli_process_make(arguments, &process);
	if (status != CLI_OK)
		return status;
	cli_load_warn_disabled();
	policy_bind(policy.policy, &process.facts);
	return explain_all(arguments, &explained);
}

const struct cli_command cli_cmd_explain = {
	.name = "explain",
	.synopsis = "[options] <file>...",
	.summary = "Show which rule decides for a file, and what its locks become.",
	.takes = CLI_TAKES_POLICY | 1u << CLI_OPTION_SERVICE | 1u << CLI_OPTION_CALL |
		 1u << CLI_OPTION_PROGRAM | 1u << CLI_OPTION_USER | 1u << CLI_OPTION_JSON,
	.more_help =
		"Without --service LOCKSHIM_SERVICE stands, without --user this user; without\n"
		"--program no rule with a program key matches.\n",
	.run = run,
};
