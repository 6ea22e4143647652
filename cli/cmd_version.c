/* SPDX-License-Identifier: MIT
 * lockshim version: what is installed here, for a bug report. */
#include "cli/cli.h"
#include "cli/library.h"
#include "cli/options.h"

#include <err.h>
#include <stdio.h>
#include <unistd.h>

static int run(const struct cli_arguments *arguments)
{
	struct cli_library library;
	int status;

	if (arguments->operands_count) {
		warnx("%s: unexpected argument", arguments->operands[0]);
		return cli_options_hint(&cli_cmd_version);
	}
	printf("lockshim %s\n", LOCKSHIM_VERSION);
	status = cli_library_find(arguments->library, &library);
	if (status == CLI_OK && library.file && library.for_any)
		printf("library  %s (here %s)\n", library.preload, library.file);
	else if (status == CLI_OK)
		printf("library  %s\n", library.preload);
	printf("policy   %s%s\n", LOCKSHIM_POLICY_FILE,
	       access(LOCKSHIM_POLICY_FILE, F_OK) ? " (not there: no rules)" : "");
#ifdef __GLIBC__
	printf("libc     glibc 2.17 or later\n");
#else
	printf("libc     musl\n");
#endif
	return status;
}

const struct cli_command cli_cmd_version = {
	.name = "version",
	.synopsis = "[options]",
	.summary = "Print the version, the library and the default policy file.",
	.takes = 1u << CLI_OPTION_LIBRARY,
	.run = run,
};
