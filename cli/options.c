/* SPDX-License-Identifier: MIT
 * Options: the table, getopt_long over it, and the help made from it. */
#include "cli/options.h"
#include "cli/memory.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

#define HELP_COLUMN 25

enum kind { FLAG, TEXT, TEXTS };

struct option_row {
	const char *name, *argument, *help;
	size_t offset; /* of its value in struct cli_arguments */
	enum kind kind;
	char letter; /* 0: a long name only */
};

#define AT(member) offsetof(struct cli_arguments, member)

static const struct option_row rows[CLI_OPTION_COUNT] = {
	[CLI_OPTION_POLICY] = { "policy", "FILE", "policy file", AT(policy_file), TEXT, 'p' },
	[CLI_OPTION_SERVICE] = { "service", "NAME", "name of the service", AT(service), TEXT, 's' },
	[CLI_OPTION_SET] = { "set", "KEY=VALUE", "lay an action over what the file decides",
			     AT(set), TEXTS, 'o' },
	[CLI_OPTION_LIBRARY] = { "library", "FILE", "preload this liblockshim.so", AT(library),
				 TEXT, 0 },
	[CLI_OPTION_CALL] = { "call", "CALL", "show this call only; may be repeated", AT(calls),
			      TEXTS, 0 },
	[CLI_OPTION_PROGRAM] = { "program", "PATH", "decide for this program", AT(program), TEXT,
				 0 },
	[CLI_OPTION_USER] = { "user", "NAME|UID", "decide for this user", AT(user), TEXT, 0 },
	[CLI_OPTION_KEYS] = { "keys", NULL, "print the keys of the policy language", AT(keys), FLAG,
			      0 },
	[CLI_OPTION_STRICT] = { "strict", NULL, "exit 1 where there are warnings", AT(strict), FLAG,
				0 },
	[CLI_OPTION_JSON] = { "json", NULL, "print JSON", AT(json), FLAG, 'J' },
	[CLI_OPTION_LOG] = { "log", "WHERE", "log lock calls: stderr, syslog or a file", AT(log),
			     TEXT, 0 },
	[CLI_OPTION_TRACE] = { "trace", "DIR", "trace lock calls into this directory", AT(trace),
			       TEXT, 0 },
	[CLI_OPTION_FOLLOW] = { "follow", NULL, "go on as the trace grows", AT(follow), FLAG, 'f' },
	[CLI_OPTION_PATH] = { "path", "GLOB", "files of this path only", AT(paths), TEXTS, 0 },
	[CLI_OPTION_OF_PROGRAM] = { "program", "GLOB", "programs of this name only", AT(programs),
				    TEXTS, 0 },
	[CLI_OPTION_PID] = { "pid", "PID", "this process only", AT(pids), TEXTS, 0 },
	[CLI_OPTION_OPERATION] = { "operation", "WORD,...", "these operations and events only",
				   AT(operation), TEXT, 0 },
	[CLI_OPTION_MIN_WAIT] = { "min-wait", "TIME", "calls that waited that long only",
				  AT(min_wait), TEXT, 0 },
	[CLI_OPTION_BY] = { "by", "WHAT", "a line per file, program or site", AT(by), TEXT, 0 },
	[CLI_OPTION_OUTPUT] = { "output", "COLUMN,...", "these columns", AT(output), TEXT, 'o' },
	[CLI_OPTION_NOHEADINGS] = { "noheadings", NULL, "don't print headings", AT(noheadings),
				    FLAG, 'n' },
	[CLI_OPTION_HTML] = { "html", "FILE", "write a page with the timeline", AT(html), TEXT, 0 },
	[CLI_OPTION_PERFETTO] = { "perfetto", "FILE", "write a timeline for trace viewers",
				  AT(perfetto), TEXT, 0 },
	[CLI_OPTION_ADVISE] = { "advise", NULL, "print the policy that would fit", AT(advise), FLAG,
				0 },
	[CLI_OPTION_TRY] = { "try", NULL, "try the families on a scratch file there", AT(try_them),
			     FLAG, 0 },
	[CLI_OPTION_ROOT] = { "root", "DIR", "the system below this directory", AT(root), TEXT, 0 },
	[CLI_OPTION_DRY_RUN] = { "dry-run", NULL, "print it, and change nothing", AT(dry_run), FLAG,
				 0 },
	[CLI_OPTION_FAMILIES] = { "families", "LIST", "of flock, fcntl, lockf, ofd; or all",
				  AT(families), TEXT, 0 },
	[CLI_OPTION_PEER] = { "peer", "NAME", "probe together with another host", AT(peer), TEXT,
			      0 },
	[CLI_OPTION_TIMEOUT] = { "timeout", "TIME", "a call that takes longer hangs", AT(timeout),
				 TEXT, 0 },
	[CLI_OPTION_RANGE] = { "range", "START[-END]",
			       "locks on these bytes; servers are asked too", AT(range), TEXT, 0 },
	[CLI_OPTION_WAIT] = { "wait", NULL, "wait until there is no lock", AT(wait), FLAG, 0 },
	[CLI_OPTION_WAIT_TIMEOUT] = { "timeout", "TIME", "wait no longer than this", AT(timeout),
				      TEXT, 0 },
	[CLI_OPTION_RAW] = { "raw", NULL, "print columns without alignment", AT(raw), FLAG, 'r' },
};

/* Values that no option has: rows are numbered from 256 on. */
enum { ROW_VALUE = 256 };

struct getopt_tables {
	char letters[2 * CLI_OPTION_COUNT + 8];
	struct option longs[CLI_OPTION_COUNT + 3];
};

static bool takes(const struct cli_command *command, size_t row)
{
	return command->takes >> row & 1;
}

static void fill_tables(struct getopt_tables *tables, const struct cli_command *command)
{
	struct option *next = tables->longs;
	char *letter = tables->letters;

	if (command->ends_at_operand)
		*letter++ = '+';
	*letter++ = 'h';
	*letter++ = 'V';
	*next++ = (struct option){ "help", no_argument, NULL, 'h' };
	*next++ = (struct option){ "version", no_argument, NULL, 'V' };
	for (int i = 0; i < CLI_OPTION_COUNT; i++) {
		int argument = rows[i].kind == FLAG ? no_argument : required_argument;

		if (!takes(command, (size_t)i))
			continue;
		*next++ = (struct option){ rows[i].name, argument, NULL, ROW_VALUE + i };
		if (rows[i].letter)
			*letter++ = rows[i].letter;
		if (rows[i].letter && argument == required_argument)
			*letter++ = ':';
	}
}

/* A letter can have another meaning in another command. */
static const struct option_row *row_of(const struct cli_command *command, int value)
{
	if (value >= ROW_VALUE)
		return &rows[value - ROW_VALUE];
	for (size_t i = 0; i < CLI_OPTION_COUNT; i++) {
		if (takes(command, i) && rows[i].letter == value)
			return &rows[i];
	}
	return NULL;
}

/* MOST: how often an option can stand in argv. */
static void store(const struct option_row *row, const char *value, size_t most,
		  struct cli_arguments *ret)
{
	void *at = (char *)ret + row->offset;
	struct cli_texts *texts = at;

	switch (row->kind) {
	case FLAG:
		*(bool *)at = true;
		return;
	case TEXT:
		*(const char **)at = value;
		return;
	case TEXTS:
		if (!texts->at)
			texts->at = cli_memory_get(most * sizeof(*texts->at));
		texts->at[texts->count++] = value;
		return;
	}
}

void cli_options_print_common(int column)
{
	printf(" %-*s%s\n", column, "-h, --help", "display this help");
	printf(" %-*s%s\n", column, "-V, --version", "display version");
}

static void print_row(const struct option_row *row)
{
	char left[64];

	snprintf(left, sizeof(left), "%c%c%c --%s%s%s", row->letter ? '-' : ' ',
		 row->letter ? row->letter : ' ', row->letter ? ',' : ' ', row->name,
		 row->argument ? " " : "", row->argument ? row->argument : "");
	printf(" %-*s%s\n", HELP_COLUMN, left, row->help);
}

static void print_help(const struct cli_command *command)
{
	printf("\nUsage:\n lockshim %s %s\n\n%s\n\nOptions:\n", command->name, command->synopsis,
	       command->summary);
	for (size_t i = 0; i < CLI_OPTION_COUNT; i++) {
		if (takes(command, i))
			print_row(&rows[i]);
	}
	printf("\n");
	cli_options_print_common(HELP_COLUMN);
	if (command->more_help)
		printf("\n%s", command->more_help);
	printf("\nFor more details see lockshim(1).\n");
}

int cli_options_hint(const struct cli_command *command)
{
	fprintf(stderr, "Try 'lockshim%s%s --help' for more information.\n", command ? " " : "",
		command ? command->name : "");
	return CLI_WRONG;
}

int cli_options_parse(const struct cli_command *command, int argc, char **argv,
		      struct cli_arguments *ret)
{
	struct getopt_tables tables = { 0 };
	int value;

	fill_tables(&tables, command);
	while ((value = getopt_long(argc, argv, tables.letters, tables.longs, NULL)) != -1) {
		const struct option_row *row;

		if (value == 'h') {
			print_help(command);
			return CLI_OK;
		}
		if (value == 'V') {
			printf("lockshim %s\n", LOCKSHIM_VERSION);
			return CLI_OK;
		}
		row = value == '?' ? NULL : row_of(command, value);
		if (!row)
			return cli_options_hint(command);
		store(row, optarg, (size_t)argc, ret);
	}
	ret->operands = argv + optind;
	ret->operands_count = (size_t)(argc - optind);
	return -1;
}
