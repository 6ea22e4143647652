/* SPDX-License-Identifier: MIT
 * Every option of every command, in one table: to parse and to print. */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include "cli/cli.h"

enum cli_option_number {
	CLI_OPTION_POLICY,
	CLI_OPTION_SERVICE,
	CLI_OPTION_SET,
	CLI_OPTION_LIBRARY,
	CLI_OPTION_CALL,
	CLI_OPTION_PROGRAM,
	CLI_OPTION_USER,
	CLI_OPTION_KEYS,
	CLI_OPTION_STRICT,
	CLI_OPTION_JSON,
	CLI_OPTION_LOG,
	CLI_OPTION_TRACE,
	CLI_OPTION_FOLLOW,
	CLI_OPTION_PATH,
	CLI_OPTION_OF_PROGRAM,
	CLI_OPTION_PID,
	CLI_OPTION_OPERATION,
	CLI_OPTION_MIN_WAIT,
	CLI_OPTION_BY,
	CLI_OPTION_OUTPUT,
	CLI_OPTION_NOHEADINGS,
	CLI_OPTION_HTML,
	CLI_OPTION_PERFETTO,
	CLI_OPTION_ADVISE,
	CLI_OPTION_TRY,
	CLI_OPTION_ROOT,
	CLI_OPTION_DRY_RUN,
	CLI_OPTION_FAMILIES,
	CLI_OPTION_PEER,
	CLI_OPTION_TIMEOUT,
	CLI_OPTION_RANGE,
	CLI_OPTION_WAIT,
	CLI_OPTION_WAIT_TIMEOUT,
	CLI_OPTION_RAW,
	CLI_OPTION_COUNT,
};

/* The bit of one: CLI_TAKES(POLICY). */
#define CLI_TAKES(name) (UINT64_C(1) << CLI_OPTION_##name)

/* The options that several commands share. */
#define CLI_TAKES_POLICY (1u << CLI_OPTION_POLICY | 1u << CLI_OPTION_SET)
/* What filter.h reads: which records of a trace. */
#define CLI_TAKES_FILTER                                                                           \
	(1u << CLI_OPTION_PATH | 1u << CLI_OPTION_OF_PROGRAM | 1u << CLI_OPTION_PID |              \
	 1u << CLI_OPTION_OPERATION | 1u << CLI_OPTION_MIN_WAIT)

/* Parses what stands after the command's name (argv[0] is that name). Returns -1 to go on, or the
 * exit status: help was asked for, or the usage is wrong and was said so. */
int cli_options_parse(const struct cli_command *command, int argc, char **argv,
		      struct cli_arguments *ret);

/* Says where help is, and returns CLI_WRONG. COMMAND may be NULL. */
int cli_options_hint(const struct cli_command *command);

/* Prints --help and --version as every usage has them, HELP columns in. */
void cli_options_print_common(int column);

#endif
