/* SPDX-License-Identifier: MIT
 * Prints no lock twice and takes none: F_GETLK names a lock against a request, then what is
 * beside that is asked for. */
#include "cli/lock_table_inside.h"
#include "cli/locks.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

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

struct range {
	int64_t start, end; /* both included */
};

/* One lock in RANGE: 1; 0: there is none; -1: error. */
static int some_lock(int fd, const struct range *range, struct flock *ret)
{
	const bool to_end = range->end == CLI_LOCK_EOF;

	*ret = (struct flock){ .l_type = F_WRLCK,
			       .l_whence = SEEK_SET,
			       .l_start = range->start,
			       .l_len = to_end ? 0 : range->end - range->start + 1 };
	if (fcntl(fd, F_GETLK, ret)) /* F_OFD_GETLK hides the number that a server gives */
		return -1;
	return ret->l_type != F_UNLCK;
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

/* A server may give another host's number, which a process of this one has by chance. */
static void add(struct cli_locks *locks, const struct cli_lock_line *line, const char *path)
{
	struct cli_lock_row *row = cli_lock_table_add(&locks->table, line);
	struct cli_lock_process *process = NULL;

	row->path = path;
	if (line->pid > 0)
		process = cli_lock_table_process(&locks->table, line->pid);
	if (process && cli_lock_table_has_open(process, &line->file)) {
		cli_lock_table_facts(process);
		cli_lock_row_hold(row, process, -1);
	} else {
		row->notes |= 1u << CLI_LOCK_NOTE_REMOTE;
	}
}

struct questions {
	struct range *at;
	size_t count;
};

static void put_question(struct questions *questions, int64_t start, int64_t end)
{
	if (start > end)
		return;
	questions->at =
		cli_lock_table_grow(questions->at, questions->count, sizeof(*questions->at));
	questions->at[questions->count++] = (struct range){ start, end };
}

/* The kernel names the first lock; a server any. So both sides of it are asked for. */
static void put_sides(struct questions *questions, const struct range *range,
		      const struct cli_lock_line *line)
{
	if (line->start > range->end || line->end < range->start)
		return;
	if (line->end < range->end)
		put_question(questions, line->end + 1, range->end);
	if (line->start > range->start)
		put_question(questions, range->start, line->start - 1);
}

static int ask_all(struct cli_locks *locks, size_t place, int fd)
{
	struct cli_lock_line line = { .file = locks->files[place] };
	struct questions questions = { .at = NULL };
	struct flock lock;

	put_question(&questions, locks->start, locks->end);
	while (questions.count) {
		const struct range range = questions.at[--questions.count];
		int got = some_lock(fd, &range, &lock);

		if (got < 0)
			return -1;
		if (!got)
			continue;
		fill_line(&lock, &line);
		if (!is_listed(locks, &line))
			add(locks, &line, locks->arguments->operands[place]);
		put_sides(&questions, &range, &line);
	}
	return 0;
}

static bool ask_file(struct cli_locks *locks, size_t place)
{
	const char *name = locks->arguments->operands[place];
	int fd = open_file(name), failed = fd < 0 || ask_all(locks, place, fd);

	if (failed)
		warn("warning: %s: its locks can't be asked for", name);
	if (fd >= 0)
		close(fd);
	return !failed;
}

bool cli_locks_ask(struct cli_locks *locks)
{
	bool good = true;

	for (size_t i = 0; i < locks->files_count; i++)
		good = ask_file(locks, i) && good;
	cli_lock_table_sort(&locks->table);
	return good;
}

bool cli_locks_asked_any(const struct cli_locks *locks, const char *file, bool *ret_failed)
{
	const struct range range = { locks->start, locks->end };
	int fd = open_file(file), got = -1;
	struct flock lock;

	if (fd >= 0) {
		got = some_lock(fd, &range, &lock);
		close(fd);
	}
	*ret_failed = got < 0;
	return got > 0;
}
