/* SPDX-License-Identifier: MIT
 * conformance: prints the contract's tables as this build keeps them. A cell that differs from the
 * promise is marked with !, and makes the exit status 1. */
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/conformance/act.h"
#include "tests/conformance/print.h"
#include "tests/conformance/probe.h"

const char *self;

static int usage(void)
{
	fputs("usage: conformance [--preload LIBRARIES] [--table TEXT] [--column TEXT]"
	      " [--row TEXT] [--no-programs]\n",
	      stderr);
	return 2;
}

static int probe_main(char **argv)
{
	const struct table *table = tables[atoi(argv[2])];
	struct probe probe = { .table = table,
			       .column = &table->columns[atoi(argv[4])],
			       .judge = atoi(argv[5]),
			       .file = argv[6] };

	fcntl(probe.judge, F_SETFD, FD_CLOEXEC);
	probe_run(&probe, &table->rows[atoi(argv[3])]);
}

static int table_main(int argc, char **argv)
{
	static const struct option known[] = { { "preload", required_argument, NULL, 'p' },
					       { "table", required_argument, NULL, 't' },
					       { "column", required_argument, NULL, 'c' },
					       { "row", required_argument, NULL, 'r' },
					       { "no-programs", no_argument, NULL, 'n' },
					       { 0 } };
	struct options options = { .programs = true };
	int option;

	while ((option = getopt_long(argc, argv, "", known, NULL)) >= 0)
		switch (option) {
		case 'p':
			options.preload = optarg;
			break;
		case 't':
			options.table = optarg;
			break;
		case 'c':
			options.column = optarg;
			break;
		case 'r':
			options.row = optarg;
			break;
		case 'n':
			options.programs = false;
			break;
		default:
			return usage();
		}
	if (optind < argc)
		return usage();
	option = print_tables(&options);
	return option < 0 ? 2 : !!option;
}

int main(int argc, char **argv)
{
	self = argv[0];
	if (argc == 5 && !strcmp(argv[1], "--do"))
		return act(argv[2], atoi(argv[3]), (enum outsider_family)atoi(argv[4]));
	if (argc == 7 && !strcmp(argv[1], "--probe"))
		return probe_main(argv);
	return table_main(argc, argv);
}
