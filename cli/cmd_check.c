/* SPDX-License-Identifier: MIT
 * lockshim check: reads policies with all their includes, and says what is wrong or unwise. */
#include "cli/advice.h"
#include "cli/cli.h"
#include "cli/keys.h"
#include "cli/load.h"
#include "cli/options.h"

#include <err.h>
#include <stdio.h>

static int check(const char *file, const struct cli_arguments *arguments)
{
	struct cli_policy policy;
	unsigned warnings;
	int status = cli_load(&policy, file, &arguments->set);

	if (status != CLI_OK)
		return status;
	warnings = cli_advice_print(&policy);
	if (policy.missing) {
		warnx("warning: %s: not there: no rules", policy.file);
		warnings++;
	} else {
		printf("%s: ok, %zu %s\n", policy.file, policy.policy->rules_count,
		       policy.policy->rules_count == 1 ? "rule" : "rules");
	}
	return warnings && arguments->strict ? CLI_FAILED : CLI_OK;
}

static int print_keys(bool json)
{
	if (json)
		cli_keys_print_json();
	else
		cli_keys_print_text();
	return CLI_OK;
}

static int complain(const char *what)
{
	warnx("%s", what);
	return cli_options_hint(&cli_cmd_check);
}

static int run(const struct cli_arguments *arguments)
{
	int worst = CLI_OK;

	if (arguments->keys)
		return arguments->operands_count ? complain("--keys takes no file")
						 : print_keys(arguments->json);
	if (arguments->json)
		return complain("--json goes with --keys");
	if (!arguments->operands_count)
		return check(arguments->policy_file, arguments);
	if (arguments->policy_file)
		return complain("name the file once: with --policy, or as an argument");
	for (size_t i = 0; i < arguments->operands_count; i++) {
		int status = check(arguments->operands[i], arguments);

		if (status > worst)
			worst = status;
	}
	return worst;
}

const struct cli_command cli_cmd_check = {
	.name = "check",
	.synopsis = "[options] [<file>...]",
	.summary = "Check policy files.",
	.takes = CLI_TAKES_POLICY | 1u << CLI_OPTION_STRICT | 1u << CLI_OPTION_KEYS |
		 1u << CLI_OPTION_JSON,
	.more_help =
		"Exits 0 where the policy can be used, 1 where --strict met a warning, 2 where\n"
		"the policy is broken. Notes tell what a rule can lose; --strict passes them.\n",
	.run = run,
};
