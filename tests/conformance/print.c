/* SPDX-License-Identifier: MIT
 * A probe leads a group of its own: what its row leaves behind ends with it. */
#include "tests/conformance/print.h"

#include <fcntl.h>
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
#include "tests/conformance/table.h"

#define GUARD_SECONDS 60
#define NAME_WIDTH 46
#define CELL_WIDTH 14

const struct table *const tables[] = { &flock_table, &fcntl_table, &ofd_table };
const unsigned tables_count = sizeof tables / sizeof tables[0];

/* Where a table is being printed. */
struct place {
	const struct options *options;
	char directory[PATH_MAX - 40], policy[PATH_MAX];
	unsigned table;
};

/* In the new process. */
static _Noreturn void become_probe(const struct place *place, size_t at, unsigned column,
				   const char *file, int socket)
{
	const struct column_of *of = &tables[place->table]->columns[column];
	const char *more = of->passes ? NULL : tables[place->table]->rows[at].settings;
	char set[100], numbers[4][24];

	setpgid(0, 0);
	if (of->set) {
		snprintf(set, sizeof set, "%s%s%s", of->set, more ? "; " : "", more ? more : "");
		setenv("LD_PRELOAD", place->options->preload, 1);
		setenv("LOCKSHIM_SET", set, 1);
		setenv("LOCKSHIM_POLICY", place->policy, 1);
	}
	snprintf(numbers[0], sizeof numbers[0], "%u", place->table);
	snprintf(numbers[1], sizeof numbers[1], "%zu", at);
	snprintf(numbers[2], sizeof numbers[2], "%u", column);
	snprintf(numbers[3], sizeof numbers[3], "%d", socket);
	execl(self, self, "--probe", numbers[0], numbers[1], numbers[2], numbers[3], file,
	      (char *)NULL);
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

static void measure(const struct place *place, size_t at, unsigned column, char ret_cell[CELL_ROOM])
{
	char file[PATH_MAX];
	int pair[2];
	pid_t pid;

	snprintf(file, sizeof file, "%s/%zu.%u", place->directory, at, column);
	make_file(file);
	if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair))
		exit(2);
	fcntl(pair[0], F_SETFD, FD_CLOEXEC);
	pid = fork();
	if (!pid)
		become_probe(place, at, column, file, pair[1]);
	setpgid(pid, pid);
	close(pair[1]);
	judge(pair[0], file, tables[place->table]->columns[column].domains, GUARD_SECONDS,
	      ret_cell);
	kill(-pid, SIGKILL);
	waitpid(pid, NULL, 0);
	close(pair[0]);
	unlink(file);
}

static bool is_asked(const struct options *options, const struct column_of *column)
{
	if (column->set && !options->preload)
		return false;
	return !options->column || strstr(column->name, options->column);
}

static int width_of(const struct column_of *column)
{
	int width = (int)strlen(column->name);

	return width > CELL_WIDTH ? width : CELL_WIDTH;
}

/* Prints a row; how many of its cells differ. */
static int print_row(const struct place *place, size_t at)
{
	const struct table *table = tables[place->table];
	const struct row *row = &table->rows[at];
	char cell[CELL_ROOM + 1];
	int wrong = 0, differs;
	unsigned column;

	printf("| %-*s |", NAME_WIDTH, row->name);
	for (column = 0; column < table->columns_count; column++) {
		if (!is_asked(place->options, &table->columns[column]))
			continue;
		strcpy(cell, NO_CELL);
		if (row->expected[column] && (!row->programs || place->options->programs))
			measure(place, at, column, cell);
		differs = strcmp(cell, NO_CELL) && strcmp(cell, row->expected[column]);
		if (differs)
			strcat(cell, "!");
		wrong += differs;
		printf(" %-*s |", width_of(&table->columns[column]), cell);
		fflush(stdout);
	}
	printf("\n");
	return wrong;
}

static void print_heading(const struct place *place, const char *name)
{
	const struct table *table = tables[place->table];
	const struct column_of *column;
	unsigned i;

	printf("| %-*s |", NAME_WIDTH, name);
	for (i = 0; i < table->columns_count; i++) {
		column = &table->columns[i];
		if (is_asked(place->options, column))
			printf(" %-*s |", width_of(column), *name ? "" : column->name);
	}
	puts("");
}

static int print_table(const struct place *place)
{
	const struct table *table = tables[place->table];
	int wrong = 0;
	size_t at;

	puts(table->title);
	print_heading(place, "");
	for (at = 0; at < table->rows_count; at++)
		if (!table->rows[at].probe)
			print_heading(place, table->rows[at].name);
		else if (!place->options->row || strstr(table->rows[at].name, place->options->row))
			wrong += print_row(place, at);
	puts("");
	return wrong;
}

int print_tables(const struct options *options)
{
	const char *temporary = getenv("TMPDIR");
	struct place place = { .options = options };
	int wrong = 0;

	snprintf(place.directory, sizeof place.directory, "%s/lockshim-conformance.XXXXXX",
		 temporary ? temporary : "/tmp");
	if (!mkdtemp(place.directory)) {
		perror(place.directory);
		return -1;
	}
	snprintf(place.policy, sizeof place.policy, "%s/policy.conf", place.directory);
	make_file(place.policy);
	for (place.table = 0; place.table < tables_count; place.table++)
		if (!options->table || strstr(tables[place.table]->name, options->table))
			wrong += print_table(&place);
	unlink(place.policy);
	rmdir(place.directory);
	if (wrong)
		printf("%d cells differ from the promise\n", wrong);
	return wrong;
}
