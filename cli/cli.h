/* SPDX-License-Identifier: MIT
 * The command's own terms: exit codes, what the options said, and the table of commands. */
#ifndef CLI_H
#define CLI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum cli_exit {
	CLI_OK = 0,
	CLI_FAILED = 1, /* it could not be looked up, or --strict met a warning */
	CLI_WRONG = 2,  /* usage, a broken policy, no library */
	CLI_NOT_EXECUTABLE = 126,
	CLI_NOT_FOUND = 127,
};

struct cli_texts {
	const char **at;
	size_t count;
};

/* What the options and operands of any command said. */
struct cli_arguments {
	const char *policy_file, *service, *library, *program, *user;
	const char *log, *trace;
	const char *operation, *min_wait;
	const char *by, *output, *html, *perfetto;
	const char *root;
	const char *families, *peer, *timeout;
	struct cli_texts set, calls, paths, programs, pids;
	bool json, keys, strict, follow, noheadings, advise;
	bool try_them, dry_run;
	const char *range;
	bool wait, raw;
	char **operands; /* NULL-terminated */
	size_t operands_count;
};

struct cli_command {
	const char *name, *synopsis, *summary;
	uint64_t takes;        /* bits of enum cli_option_number: CLI_TAKES() */
	bool ends_at_operand;  /* what follows the first operand is not ours */
	const char *more_help; /* lines under the options, or NULL */
	int (*run)(const struct cli_arguments *arguments);
};

extern const struct cli_command *const cli_commands[]; /* NULL-terminated */
extern const struct cli_command cli_cmd_run, cli_cmd_check, cli_cmd_explain, cli_cmd_trace,
	cli_cmd_report, cli_cmd_version;
extern const struct cli_command cli_cmd_ps, cli_cmd_doctor, cli_cmd_enable, cli_cmd_disable;
extern const struct cli_command cli_cmd_probe;
extern const struct cli_command cli_cmd_locks;

#endif
