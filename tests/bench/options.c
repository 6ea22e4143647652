/* SPDX-License-Identifier: MIT
 * The command line, from one table. */
#include "bench.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

enum option_kind { KIND_FLAG, KIND_NUMBER, KIND_TEXT };

/* INTO: where its value goes: a bool, an int that is at least LEAST, or a const char *. */
struct option_row {
	const char *name;
	enum option_kind kind;
	size_t into;
	int least;
};

#define INTO(member) offsetof(struct bench_config, member)

static const struct option_row rows[] = {
	{ "dir", KIND_TEXT, INTO(base), 0 },
	{ "memory", KIND_TEXT, INTO(memory), 0 },
	{ "quick", KIND_FLAG, INTO(quick), 0 },
	{ "rounds", KIND_NUMBER, INTO(rounds), 1 },
	{ "only", KIND_TEXT, INTO(only), 0 },
	{ "slice", KIND_NUMBER, INTO(slice), 1 },
	{ "loads", KIND_NUMBER, INTO(loads), 1 },
	{ "cpu", KIND_NUMBER, INTO(cpu), 0 },
	{ "json", KIND_FLAG, INTO(json), 0 },
	{ "strict", KIND_FLAG, INTO(strict), 0 },
	{ "shim", KIND_TEXT, INTO(object[PRELOAD_SHIM]), 0 },
	{ "empty", KIND_TEXT, INTO(object[PRELOAD_EMPTY]), 0 },
	{ "worker", KIND_TEXT, INTO(worker), 0 },
	{ "help", KIND_FLAG, INTO(help), 0 },
};

#define ROWS (sizeof(rows) / sizeof(rows[0]))

static const char usage[] =
	"usage: lockshim-bench [--dir DIR] [--memory DIR] [--quick] [--rounds N] [--slice PAIRS]\n"
	"                      [--loads N] [--only ROW] [--cpu N] [--json] [--strict]\n"
	"                      [--shim SO] [--empty SO] [--worker PROGRAM]\n";

static const char help[] =
	"\n"
	"Each row compares a call under two ways to start one program: shim ns and base ns are\n"
	"for a pair of lock and unlock, ratio is the median over the rounds, q1 and q3 its\n"
	"quartiles. A ratio above its limit is \"over\"; --strict then makes the exit status 1.\n"
	"--only 10 takes row 10 and those with a letter behind it.\n"
	"\n"
	"Times are CPU times of the locking thread, pinned to one CPU and, where we may, before\n"
	"all others. Rows that begin with \"wall:\" have the clock's times, on any CPU: what a\n"
	"tracer does in another process is in no CPU time of its subject's. Read them beside\n"
	"each other.\n"
	"\n"
	"perf trace, strace and ltrace write to /dev/null, lttng-ust and lockshim to files in\n"
	"DIR (\"in memory\": in that of --memory, or /dev/shm). What lacks a call in its trace is\n"
	"not measured. Of a foreign tracer that is missing the row names the package.\n";

static void quit(int status)
{
	fputs(usage, status ? stderr : stdout);
	if (!status)
		fputs(help, stdout);
	exit(status);
}

static int number(const char *text, int least)
{
	char *end;
	long value = strtol(text, &end, 10);

	if (*end || end == text || value < least || value > 1000000)
		quit(2);
	return (int)value;
}

static void take(struct bench_config *config, const struct option_row *row, const char *value)
{
	void *into = (char *)config + row->into;

	switch (row->kind) {
	case KIND_FLAG:
		*(bool *)into = true;
		break;
	case KIND_NUMBER:
		*(int *)into = number(value, row->least);
		break;
	case KIND_TEXT:
		*(const char **)into = value;
		break;
	}
}

/* What was not asked for. */
static void fill_in(struct bench_config *config)
{
	if (!config->rounds)
		config->rounds = config->quick ? 3 : 150;
	if (!config->slice)
		config->slice = config->quick ? 200 : 5000;
	if (!config->loads)
		config->loads = config->quick ? 20 : 1500;
}

void options_take(struct bench_config *config, int argc, char **argv)
{
	struct option names[ROWS + 1] = { { NULL, 0, NULL, 0 } };
	int letter, index;

	for (size_t i = 0; i < ROWS; i++) {
		names[i].name = rows[i].name;
		names[i].has_arg = rows[i].kind == KIND_FLAG ? no_argument : required_argument;
	}
	while ((letter = getopt_long(argc, argv, "", names, &index)) == 0)
		take(config, &rows[index], optarg);
	if (config->help || letter != -1 || optind != argc)
		quit(config->help ? 0 : 2);
	fill_in(config);
}
