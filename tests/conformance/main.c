/* SPDX-License-Identifier: MIT
 * conformance: prints the contract's table as this build keeps it. A cell that differs from the
 * promise is marked with !, and makes the exit status 1. */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/conformance/act.h"
#include "tests/conformance/judge.h"
#include "tests/conformance/probe.h"

#define GUARD_SECONDS 60
#define NAME_WIDTH 46
#define CELL_WIDTH 14

const char *self;

struct options {
	const char *preload, *row, *policy;
	int only; /* a column, or -1 */
	bool programs;
};

static int usage(void)
{
	fputs("usage: conformance [--preload LIBRARIES] [--family NAME] [--row TEXT]"
	      " [--no-programs]\n",
	      stderr);
	return 2;
}

static int column_named(const char *name)
{
	int i;

	for (i = 0; i < COLUMNS; i++)
		if (!strcmp(name, columns[i].flock ? columns[i].flock : "bare"))
			return i;
	return -1;
}

/* In the new process, which leads a group of its own: what its row leaves behind ends with it. */
static _Noreturn void become_probe(const struct options *options, size_t at, enum column column,
				   const char *file, int socket)
{
	const char *flock = columns[column].flock, *more = rows[at].settings;
	char set[100], numbers[3][24];

	setpgid(0, 0);
	snprintf(set, sizeof set, "flock=%s%s%s", flock ? flock : "",
		 more && column != PASS ? "; " : "", more && column != PASS ? more : "");
	if (flock) {
		setenv("LD_PRELOAD", options->preload, 1);
		setenv("LOCKSHIM_SET", set, 1);
		setenv("LOCKSHIM_POLICY", options->policy, 1);
	}
	snprintf(numbers[0], sizeof numbers[0], "%zu", at);
	snprintf(numbers[1], sizeof numbers[1], "%d", column);
	snprintf(numbers[2], sizeof numbers[2], "%d", socket);
	execl(self, self, "--probe", numbers[0], numbers[1], numbers[2], file, (char *)NULL);
	_exit(127);
}

static void make_file(const char *file)
{
	int fd = open(file, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0644);

	if (fd < 0) {
		perror(file);
		exit(2);
	}
	close(fd);
}

static void measure(const struct options *options, size_t at, enum column column,
		    const char *directory, char ret_cell[CELL_ROOM])
{
	char file[PATH_MAX];
	int pair[2];
	pid_t pid;

	snprintf(file, sizeof file, "%s/%zu.%d", directory, at, column);
	make_file(file);
	if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair))
		exit(2);
	fcntl(pair[0], F_SETFD, FD_CLOEXEC);
	pid = fork();
	if (!pid)
		become_probe(options, at, column, file, pair[1]);
	setpgid(pid, pid);
	close(pair[1]);
	judge(pair[0], file, columns[column].domains, GUARD_SECONDS, ret_cell);
	kill(-pid, SIGKILL);
	waitpid(pid, NULL, 0);
	close(pair[0]);
	unlink(file);
}

static bool is_asked(const struct options *options, enum column column)
{
	if (columns[column].flock && !options->preload)
		return false;
	return options->only < 0 || options->only == (int)column;
}

/* Prints a row; how many of its cells differ. */
static int print_row(const struct options *options, size_t at, const char *directory)
{
	const struct row *row = &rows[at];
	int column, wrong = 0, differs;
	char cell[CELL_ROOM + 1];

	printf("| %-*s |", NAME_WIDTH, row->name);
	for (column = 0; column < COLUMNS; column++) {
		if (!is_asked(options, column))
			continue;
		strcpy(cell, NO_CELL);
		if (row->expected[column] && (!row->programs || options->programs))
			measure(options, at, column, directory, cell);
		differs = strcmp(cell, NO_CELL) && strcmp(cell, row->expected[column]);
		if (differs)
			strcat(cell, "!");
		wrong += differs;
		printf(" %-*s |", CELL_WIDTH, cell);
		fflush(stdout);
	}
	printf("\n");
	return wrong;
}

static void print_heading(const struct options *options, const char *name)
{
	int column;

	printf("| %-*s |", NAME_WIDTH, name);
	for (column = 0; column < COLUMNS; column++)
		if (is_asked(options, column))
			printf(" %-*s |", CELL_WIDTH, *name ? "" : columns[column].name);
	puts("");
}

static int print_table(struct options *options)
{
	const char *temporary = getenv("TMPDIR");
	char directory[PATH_MAX - 40], policy[PATH_MAX];
	int wrong = 0;
	size_t at;

	snprintf(directory, sizeof directory, "%s/lockshim-conformance.XXXXXX",
		 temporary ? temporary : "/tmp");
	if (!mkdtemp(directory)) {
		perror(directory);
		return 2;
	}
	snprintf(policy, sizeof policy, "%s/policy.conf", directory);
	make_file(policy);
	options->policy = policy;
	print_heading(options, "");
	for (at = 0; at < rows_count; at++)
		if (!rows[at].probe)
			print_heading(options, rows[at].name);
		else if (!options->row || strstr(rows[at].name, options->row))
			wrong += print_row(options, at, directory);
	unlink(policy);
	rmdir(directory);
	if (wrong)
		printf("%d cells differ from the promise\n", wrong);
	return wrong ? 1 : 0;
}

static int probe_main(char **argv)
{
	struct probe probe = { .column = (enum column)atoi(argv[3]),
			       .judge = atoi(argv[4]),
			       .file = argv[5] };

	fcntl(probe.judge, F_SETFD, FD_CLOEXEC);
	probe_run(&probe, &rows[atoi(argv[2])]);
}

static int table_main(int argc, char **argv)
{
	static const struct option known[] = { { "preload", required_argument, NULL, 'p' },
					       { "family", required_argument, NULL, 'f' },
					       { "row", required_argument, NULL, 'r' },
					       { "no-programs", no_argument, NULL, 'n' },
					       { 0 } };
	struct options options = { .only = -1, .programs = true };
	int option;

	while ((option = getopt_long(argc, argv, "", known, NULL)) >= 0)
		switch (option) {
		case 'p':
			options.preload = optarg;
			break;
		case 'r':
			options.row = optarg;
			break;
		case 'n':
			options.programs = false;
			break;
		case 'f':
			options.only = column_named(optarg);
			if (options.only >= 0)
				break;
			/* fall through */
		default:
			return usage();
		}
	return optind < argc ? usage() : print_table(&options);
}

int main(int argc, char **argv)
{
	self = argv[0];
	if (argc == 4 && !strcmp(argv[1], "--do"))
		return act(argv[2], atoi(argv[3]));
	if (argc == 6 && !strcmp(argv[1], "--probe"))
		return probe_main(argv);
	return table_main(argc, argv);
}
