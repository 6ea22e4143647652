/* SPDX-License-Identifier: MIT
 * The steps from the kernel's lines to rows, taken again where the list changed meanwhile. */
#include "cli/lock_table.h"
#include "cli/lock_table_inside.h"
#include "cli/memory.h"
#include "cli/mounts.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define ROUNDS 3 /* on a host where locks never stand still */

const char *const cli_lock_family_names[CLI_LOCK_FAMILIES] = {
	[CLI_LOCK_FLOCK] = "flock",   [CLI_LOCK_POSIX] = "POSIX", [CLI_LOCK_OFD] = "OFD",
	[CLI_LOCK_RECORD] = "record", [CLI_LOCK_LEASE] = "lease",
};

const char *const cli_lock_note_names[CLI_LOCK_NOTES] = {
	[CLI_LOCK_NOTE_CONVERTED] = "converted",     [CLI_LOCK_NOTE_KEEPER] = "keeper",
	[CLI_LOCK_NOTE_KEEPER_LOST] = "keeper-lost", [CLI_LOCK_NOTE_REMOTE] = "remote",
	[CLI_LOCK_NOTE_SHARED] = "shared",           [CLI_LOCK_NOTE_DELETED] = "deleted",
	[CLI_LOCK_NOTE_UPGRADING] = "upgrading",
};

int cli_lock_table_number(const char *text)
{
	char *end;
	long number = strtol(text, &end, 10);

	return *text >= '0' && *text <= '9' && !*end && number <= INT_MAX ? (int)number : -1;
}

void *cli_lock_table_grow(void *at, size_t count, size_t size)
{
	void *grown;

	if (count & (count - 1))
		return at;
	grown = cli_memory_get((count ? 2 * count : 1) * size);
	return count ? memcpy(grown, at, count * size) : grown;
}

bool cli_lock_table_wants(const struct cli_lock_file *files, size_t count,
			  const struct cli_lock_line *line)
{
	for (size_t i = 0; i < count; i++) {
		if (cli_lock_file_same(&files[i], &line->file))
			return true;
	}
	return !count;
}

struct cli_lock_row *cli_lock_table_add(struct cli_lock_table *table,
					const struct cli_lock_line *line)
{
	struct cli_lock_row *row = cli_memory_get(sizeof(*row));

	row->line = *line;
	table->rows = cli_lock_table_grow(table->rows, table->count, sizeof(struct cli_lock_row *));
	table->rows[table->count++] = row;
	return row;
}

struct cli_lock_process *cli_lock_table_process(struct cli_lock_table *table, int pid)
{
	struct cli_lock_process *process;

	for (size_t i = 0; i < table->processes_count; i++) {
		if (table->processes[i]->pid == pid)
			return table->processes[i];
	}
	process = cli_memory_get(sizeof(*process));
	process->pid = pid;
	table->processes = cli_lock_table_grow(table->processes, table->processes_count,
					       sizeof(struct cli_lock_process *));
	table->processes[table->processes_count++] = process;
	return process;
}

void cli_lock_row_hold(struct cli_lock_row *row, struct cli_lock_process *process, int fd)
{
	row->holders = cli_lock_table_grow(row->holders, row->holders_count, sizeof(*row->holders));
	row->holders[row->holders_count++] =
		(struct cli_lock_holder){ .process = process, .fd = fd };
}

bool cli_lock_row_held_by(const struct cli_lock_row *row, int pid)
{
	for (size_t i = 0; i < row->holders_count; i++) {
		if (row->holders[i].process->pid == pid)
			return true;
	}
	return false;
}

const struct cli_lock_process *cli_lock_row_process(const struct cli_lock_row *row)
{
	for (size_t i = 0; i < row->holders_count; i++) {
		if (row->holders[i].process->pid == row->line.pid)
			return row->holders[i].process;
	}
	return row->holders_count ? row->holders[0].process : NULL;
}

bool cli_lock_rows_touch(const struct cli_lock_row *one, const struct cli_lock_row *other)
{
	return cli_lock_file_same(&one->line.file, &other->line.file) &&
	       one->line.start <= other->line.end && other->line.start <= one->line.end;
}

static int compare_lines(const void *one, const void *other)
{
	return cli_lock_line_compare(*(const struct cli_lock_line *const *)one,
				     *(const struct cli_lock_line *const *)other);
}

static void sort_lines(const struct cli_lock_line **lines, size_t count)
{
	qsort(lines, count, sizeof(*lines), compare_lines);
}

/* Whatever their order, which a lock of another file changes too. */
static bool same_rows(const struct cli_lock_table *table, const struct cli_lock_list *list,
		      const struct cli_lock_file *files, size_t count)
{
	const struct cli_lock_line **old = cli_memory_get((table->count + 1) * sizeof(*old));
	const struct cli_lock_line **now = cli_memory_get((list->count + 1) * sizeof(*now));
	size_t wanted = 0;

	for (size_t i = 0; i < list->count; i++) {
		if (cli_lock_table_wants(files, count, &list->at[i]))
			now[wanted++] = &list->at[i];
	}
	if (wanted != table->count)
		return false;
	for (size_t i = 0; i < wanted; i++)
		old[i] = &table->rows[i]->line;
	sort_lines(old, wanted);
	sort_lines(now, wanted);
	for (size_t i = 0; i < wanted; i++) {
		if (!cli_lock_line_same(old[i], now[i]))
			return false;
	}
	return true;
}

/* Rows and what the descriptors show, both as one look at the list and the next have them. */
static bool look(struct cli_lock_table *table, const struct cli_lock_file *files, size_t count,
		 struct cli_lock_lines *lines, struct cli_lock_sights *sights)
{
	for (int round = 0; round < ROUNDS; round++) {
		*table = (struct cli_lock_table){ .rows = NULL };
		for (size_t i = 0; i < lines->list.count; i++) {
			if (cli_lock_table_wants(files, count, &lines->list.at[i]))
				cli_lock_table_add(table, &lines->list.at[i]);
		}
		if (!table->count)
			break;
		cli_lock_table_scan(table, files, count, sights);
		if (!cli_lock_lines_read(lines))
			return false;
		table->torn = !same_rows(table, &lines->list, files, count);
		if (!table->torn)
			break;
	}
	return true;
}

static int compare_numbers(uint64_t one, uint64_t other)
{
	return one < other ? -1 : one > other;
}

static int compare_rows(const void *one_at, const void *other_at)
{
	const struct cli_lock_row *one = *(struct cli_lock_row *const *)one_at;
	const struct cli_lock_row *other = *(struct cli_lock_row *const *)other_at;
	const uint64_t keys[][2] = {
		{ one->line.file.major, other->line.file.major },
		{ one->line.file.minor, other->line.file.minor },
		{ one->line.file.inode, other->line.file.inode },
		{ one->line.level > 0, other->line.level > 0 },
		{ (uint64_t)one->line.start, (uint64_t)other->line.start },
		{ one->line.family, other->line.family },
		{ (uint64_t)one->line.pid, (uint64_t)other->line.pid },
	};

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		int order = compare_numbers(keys[i][0], keys[i][1]);

		if (order)
			return order;
	}
	return 0;
}

void cli_lock_table_sort(struct cli_lock_table *table)
{
	if (table->count)
		qsort(table->rows, table->count, sizeof(struct cli_lock_row *), compare_rows);
}

static void drop_parts(struct cli_lock_table *table)
{
	size_t kept = 0;

	for (size_t i = 0; i < table->count; i++) {
		if (!table->rows[i]->dropped)
			table->rows[kept++] = table->rows[i];
	}
	table->count = kept;
}

/* Whether a path can be looked up without a server that may be dead. */
static bool is_local(const struct cli_lock_file *file)
{
	static const char *const names[] = { "tmpfs", "btrfs", "overlay" };
	static struct cli_mounts mounts;
	struct policy_mount mount;

	if (file->major)
		return true;
	if (!mounts.text)
		cli_mounts_read(&mounts);
	if (!cli_mounts_of_device(&mounts, policy_device(file->major, file->minor), &mount))
		return false;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strlen(names[i]) == mount.fstype_len &&
		    !memcmp(names[i], mount.fstype, mount.fstype_len))
			return true;
	}
	return false;
}

/* " (deleted)" is the kernel's own, behind any name, and may be a name's end. */
static bool is_deleted(const struct cli_lock_row *row)
{
	size_t len = row->path ? strlen(row->path) : 0;
	struct stat st;

	if (len <= 10 || strcmp(row->path + len - 10, " (deleted)") != 0)
		return false;
	return !row->holders_count || !is_local(&row->line.file) ||
	       lstat(cli_memory_format("/proc/%d/root%s", row->holders[0].process->pid, row->path),
		     &st) ||
	       st.st_ino != row->line.file.inode;
}

static void note_rows(struct cli_lock_table *table)
{
	for (size_t i = 0; i < table->count; i++) {
		struct cli_lock_row *row = table->rows[i];

		if (row->asked != CLI_LOCK_UNKNOWN && row->asked != row->line.family)
			row->notes |= 1u << CLI_LOCK_NOTE_CONVERTED;
		if (is_deleted(row))
			row->notes |= 1u << CLI_LOCK_NOTE_DELETED;
		for (size_t j = 1; !row->line.level && j < row->holders_count; j++) {
			if (row->holders[j].process != row->holders[0].process)
				row->notes |= 1u << CLI_LOCK_NOTE_SHARED;
		}
	}
}

bool cli_lock_table_read(struct cli_lock_table *ret, const struct cli_lock_file *files,
			 size_t count)
{
	static struct cli_lock_lines lines; /* reachable, and used again */
	struct cli_lock_sights sights = { .at = NULL };

	*ret = (struct cli_lock_table){ .rows = NULL };
	if (!cli_lock_lines_read(&lines) || !look(ret, files, count, &lines, &sights))
		return false;
	cli_lock_table_assign(ret, &sights);
	cli_lock_table_waiters(ret);
	cli_lock_table_remote(ret);
	cli_lock_table_shapes(ret);
	cli_lock_table_block(ret);
	note_rows(ret);
	drop_parts(ret);
	cli_lock_table_sort(ret);
	return true;
}
