/* SPDX-License-Identifier: MIT
 * main: finds the command in the table, has its options read, and runs it. */
#include "cli/cli.h"
#include "cli/options.h"

#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

const struct cli_command *const cli_commands[] = {
	&cli_cmd_run,
	&cli_cmd_check,
	&cli_cmd_explain,
	&cli_cmd_trace,
	&cli_cmd_report,
	&cli_cmd_probe,
	&cli_cmd_locks,
	&cli_cmd_doctor,
	&cli_cmd_ps,
	&cli_cmd_enable,
	&cli_cmd_disable,
	&cli_cmd_version,
	NULL,
};

static void print_help(void)
{
	printf("Usage:\n lockshim [options] <command> [<argument>...]\n"
	       "\nRun programs with the file locks that a policy file gives them.\n"
	       "\nCommands:\n");
	for (const struct cli_command *const *at = cli_commands; *at; at++)
		printf(" %-15s%s\n", (*at)->name, (*at)->summary);
	printf("\nOptions:\n");
	cli_options_print_common(15);
	printf("\nEach command has a --help of its own. For more details see lockshim(1).\n");
}

static const struct cli_command *find(const char *name)
{
	for (const struct cli_command *const *at = cli_commands; *at; at++) {
		if (!strcmp((*at)->name, name))
			return *at;
	}
	return NULL;
}

static bool is_either(const char *text, const char *one, const char *other)
{
	return !strcmp(text, one) || !strcmp(text, other);
}

static int run(int argc, char **argv)
{
	struct cli_arguments arguments = { 0 };
	const struct cli_command *command;
	int status;

	if (argc < 2) {
		warnx("no command given");
		return cli_options_hint(NULL);
	}
	if (is_either(argv[1], "-h", "--help")) {
		print_help();
		return CLI_OK;
	}
	if (is_either(argv[1], "-V", "--version")) {
		printf("lockshim %s\n", LOCKSHIM_VERSION);
		return CLI_OK;
	}
	command = find(argv[1]);
	if (!command) {
		warnx("%s: unknown %s", argv[1], argv[1][0] == '-' ? "option" : "command");
		return cli_options_hint(NULL);
	}
	argv[1] = program_invocation_short_name; /* getopt's errors begin with it */
	status = cli_options_parse(command, argc - 1, argv + 1, &arguments);
	return status >= 0 ? status : command->run(&arguments);
}

int main(int argc, char **argv)
{
	int status = run(argc, argv);

	if (fflush(stdout) != 0 || ferror(stdout)) {
		warn("write error");
		return status ? status : CLI_FAILED;
	}
	return status;
}
