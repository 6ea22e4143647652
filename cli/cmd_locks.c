/* SPDX-License-Identifier: MIT
 * lockshim locks: who holds which lock, and who waits for whom. */
#include "cli/duration.h"
#include "cli/lock_table_inside.h"
#include "cli/locks.h"
#include "cli/options.h"

#include <err.h>

static bool read_pids(const struct cli_texts *pids)
{
	for (size_t i = 0; i < pids->count; i++) {
		if (cli_lock_table_number(pids->at[i]) <= 0) {
			warnx("--pid %s: no number of a process", pids->at[i]);
			return false;
		}
	}
	return true;
}

static bool fits_usage(const struct cli_arguments *arguments)
{
	if (arguments->wait && !arguments->operands_count) {
		warnx("--wait: it needs a file");
		return false;
	}
	if (arguments->range && !arguments->operands_count) {
		warnx("--range: it needs a file");
		return false;
	}
	if (arguments->timeout && !arguments->wait) {
		warnx("--timeout: it needs --wait");
		return false;
	}
	return true;
}

static bool read_arguments(struct cli_locks *locks)
{
	const struct cli_arguments *arguments = locks->arguments;

	if (!fits_usage(arguments) || !read_pids(&arguments->pids))
		return false;
	locks->ranged = arguments->range;
	locks->end = CLI_LOCK_EOF;
	if (arguments->range && !cli_locks_range(arguments->range, &locks->start, &locks->end)) {
		warnx("--range %s: it is START, START- or START-END, in bytes", arguments->range);
		return false;
	}
	if (arguments->timeout && !cli_duration_read(arguments->timeout, &locks->timeout)) {
		warnx("--timeout %s: it is a number with a unit, as in 10ms, 1.5s, 2m",
		      arguments->timeout);
		return false;
	}
	return true;
}

static bool has_pid(const struct cli_lock_row *row, const struct cli_texts *pids)
{
	for (size_t i = 0; i < pids->count; i++) {
		for (size_t j = 0; j < row->holders_count; j++) {
			if (row->holders[j].process->pid == cli_lock_table_number(pids->at[i]))
				return true;
		}
	}
	return !pids->count;
}

bool cli_locks_wants(const struct cli_locks *locks, const struct cli_lock_row *row)
{
	return row->line.start <= locks->end && locks->start <= row->line.end &&
	       has_pid(row, &locks->arguments->pids);
}

/* A row of which no descriptor can be seen is called as it was asked for. */
static void name_paths(struct cli_locks *locks)
{
	for (size_t i = 0; i < locks->table.count; i++) {
		struct cli_lock_row *row = locks->table.rows[i];

		for (size_t j = 0; !row->path && j < locks->table.count; j++) {
			const struct cli_lock_row *other = locks->table.rows[j];

			if (cli_lock_file_same(&row->line.file, &other->line.file))
				row->path = other->path;
		}
		for (size_t j = 0; !row->path && j < locks->files_count; j++) {
			if (cli_lock_file_same(&row->line.file, &locks->files[j]))
				row->path = locks->arguments->operands[j];
		}
	}
}

static int list(struct cli_locks *locks)
{
	bool good = true;

	if (!cli_lock_table_read(&locks->table, locks->files, locks->files_count)) {
		warn("/proc/locks");
		return CLI_FAILED;
	}
	if (locks->ranged)
		good = cli_locks_ask(locks);
	name_paths(locks);
	if (!cli_locks_print(locks))
		return cli_options_hint(&cli_cmd_locks);
	return good ? CLI_OK : CLI_FAILED;
}

static int free_if_known(void)
{
	if (!cli_locks_hidden())
		return CLI_OK;
	warnx("--wait: not to be known in this PID namespace: locks of processes outside it are "
	      "not seen");
	return CLI_FAILED;
}

static int run(const struct cli_arguments *arguments)
{
	struct cli_locks locks = { .arguments = arguments };

	if (!read_arguments(&locks))
		return cli_options_hint(&cli_cmd_locks);
	cli_mounts_read(&locks.mounts);
	if (!cli_locks_files(&locks))
		return CLI_FAILED;
	if (!arguments->wait)
		return list(&locks);
	if (cli_locks_wait(&locks))
		return free_if_known();
	list(&locks);
	return CLI_FAILED;
}

const struct cli_command cli_cmd_locks = {
	.name = "locks",
	.synopsis = "[options] [<file>...]",
	.summary = "Show locks, who holds them, and who waits for whom.",
	.takes = CLI_TAKES(PID) | CLI_TAKES(RANGE) | CLI_TAKES(WAIT) | CLI_TAKES(WAIT_TIMEOUT) |
		 CLI_TAKES(OUTPUT) | CLI_TAKES(NOHEADINGS) | CLI_TAKES(RAW) | CLI_TAKES(JSON),
	.more_help =
		"Available output columns:\n"
		"      COMMAND  the process that holds the lock or waits for it\n"
		"          PID  its number\n"
		"       FAMILY  what the kernel has: flock, POSIX, OFD, record (one of both),\n"
		"               lease\n"
		"        ASKED  what the program asked for\n"
		"         MODE  READ or WRITE, with * of who waits\n"
		"        START  first byte\n"
		"          END  last byte, or EOF\n"
		"      HOLDERS  all processes that have it\n"
		"      BLOCKER  who is in a waiter's way\n"
		"        NOTES  converted, keeper, keeper-lost, remote, shared, deleted,\n"
		"               upgrading\n"
		"         PATH  the file; MOUNT... where no more is known\n"
		"        MOUNT  where its file system is mounted\n"
		"       FSTYPE  type of the file system\n"
		"      MAJ:MIN  device of the file\n"
		"        INODE  inode of the file\n"
		"            M  1: mandatory\n"
		"         SIZE  of the file, which its file system is asked for\n",
	.run = run,
};
