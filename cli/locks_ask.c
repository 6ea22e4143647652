/* SPDX-License-Identifier: MIT
 * Prints no lock twice and takes none: F_GETLK names the first lock against a request, then what is
 * behind that is asked for. */
#include "cli/lock_table_inside.h"
#include "cli/locks.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#ifndef F_OFD_GETLK
#define F_OFD_GETLK 36
#endif

/* A lease would be broken; then it is left, and so is what is no regular file. */
static int open_file(const char *name)
{
	int fd = open(name, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC), saved;
	struct stat st;

	if (fd < 0 || (!fstat(fd, &st) && S_ISREG(st.st_mode)))
		return fd;
	saved = EINVAL;
	close(fd);
	errno = saved;
	return -1;
}

/* The first lock in [*AT, end]; steps behind it. 0: there is none; -1: error. */
static int next_lock(const struct cli_locks *locks, int fd, int64_t *at, struct flock *ret)
{
	const bool to_end = locks->end == CLI_LOCK_EOF;

	*ret = (struct flock){ .l_type = F_WRLCK,
			       .l_whence = SEEK_SET,
			       .l_start = *at,
			       .l_len = to_end ? 0 : locks->end - *at + 1 };
	if (fcntl(fd, F_OFD_GETLK, ret))
		return -1;
	if (ret->l_type == F_UNLCK)
		return 0;
	*at = ret->l_len && ret->l_start <= INT64_MAX - ret->l_len ? ret->l_start + ret->l_len : -1;
	return 1;
}

static bool is_more(const struct cli_locks *locks, int64_t before, int64_t at)
{
	return at > before && at <= locks->end;
}

static void fill_line(const struct flock *lock, struct cli_lock_line *ret)
{
	*ret = (struct cli_lock_line){
		.file = ret->file,
		.start = lock->l_start,
		.end = lock->l_len ? lock->l_start + lock->l_len - 1 : CLI_LOCK_EOF,
		.pid = lock->l_pid,
		.family = CLI_LOCK_RECORD,
		.write = lock->l_type == F_WRLCK,
	};
}

/* What the list has, whole or as pieces of what was converted, is no news. */
static bool is_listed(const struct cli_locks *locks, const struct cli_lock_line *line)
{
	for (size_t i = 0; i < locks->table.count; i++) {
		const struct cli_lock_line *row = &locks->table.rows[i]->line;

		if (!row->level && row->family != CLI_LOCK_FLOCK && row->family != CLI_LOCK_LEASE &&
		    cli_lock_file_same(&row->file, &line->file) && row->start <= line->end &&
		    line->start <= row->end && row->write == line->write)
			return true;
	}
	return false;
}

static void add(struct cli_locks *locks, const struct cli_lock_line *line, const char *path)
{
	struct cli_lock_row *row = cli_lock_table_add(&locks->table, line);
	struct cli_lock_process *process = NULL;

	row->path = path;
	if (line->pid > 0)
		process = cli_lock_table_process(&locks->table, line->pid);
	if (process)
		cli_lock_table_facts(process);
	if (process && process->command)
		cli_lock_row_hold(row, process, -1);
	else
		row->notes |= 1u << CLI_LOCK_NOTE_REMOTE;
}

static bool ask_file(struct cli_locks *locks, size_t place)
{
	const char *name = locks->arguments->operands[place];
	struct cli_lock_line line = { .file = locks->files[place] };
	int64_t at = locks->start, before = -1;
	int fd = open_file(name), got = 1;
	struct flock lock;

	while (fd >= 0 && is_more(locks, before, at)) {
		before = at;
		got = next_lock(locks, fd, &at, &lock);
		if (got <= 0)
			break;
		fill_line(&lock, &line);
		if (!is_listed(locks, &line))
			add(locks, &line, name);
	}
	if (fd < 0 || got < 0)
		warn("warning: %s: its locks can't be asked for", name);
	if (fd >= 0)
		close(fd);
	return fd >= 0 && got >= 0;
}

bool cli_locks_ask(struct cli_locks *locks)
{
	bool good = true;

	for (size_t i = 0; i < locks->files_count; i++)
		good = ask_file(locks, i) && good;
	return good;
}

bool cli_locks_asked_any(const struct cli_locks *locks, const char *file, bool *ret_failed)
{
	int64_t at = locks->start;
	int fd = open_file(file), got = -1;
	struct flock lock;

	if (fd >= 0) {
		got = next_lock(locks, fd, &at, &lock);
		close(fd);
	}
	*ret_failed = got < 0;
	return got > 0;
}
