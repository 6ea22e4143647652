/* SPDX-License-Identifier: MIT
 * Walks /proc. No path is looked up and no file opened, which a dead server could hang. */
#include "cli/lock_table_inside.h"
#include "cli/lock_table_policy.h"
#include "cli/memory.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define KERNEL_THREAD 0x00200000u /* PF_KTHREAD in field 9 of /proc/PID/stat */

/* The COUNTth word behind AT, all split by one blank. */
static const char *skip_words(const char *at, int count)
{
	for (; at && count; count--) {
		at = strchr(at, ' ');
		at = at ? at + 1 : NULL;
	}
	return at;
}

/* "123 (a name) S 1 …": the name may hold blanks and parentheses. */
static void read_stat(struct cli_lock_process *process)
{
	char *text = cli_memory_read(cli_memory_format("/proc/%d/stat", process->pid), NULL);
	char *open = text ? strchr(text, '(') : NULL, *close = text ? strrchr(text, ')') : NULL;
	const char *parent, *flags;

	if (!open || !close)
		return;
	*close = '\0';
	process->command = open + 1;
	parent = skip_words(close + 1, 2);
	flags = skip_words(parent, 5);
	if (!flags)
		return;
	process->parent = (int)strtol(parent, NULL, 10);
	process->kernel = strtoul(flags, NULL, 10) & KERNEL_THREAD;
}

void cli_lock_table_facts(struct cli_lock_process *process)
{
	if (process->facts)
		return;
	process->facts = true;
	read_stat(process);
	cli_lock_table_policy(process);
}

struct reading {
	struct cli_lock_table *table;
	const struct cli_lock_file *files;
	size_t files_count;
	struct cli_lock_sights *sights;
	int pid;
	struct cli_lock_process *process; /* of that number; NULL: has no lock yet */
	char *text;                       /* of the descriptor that is looked at */
	size_t room;
};

static const char *link_of(int directory, const char *number)
{
	char path[4096], name[32];
	ssize_t len;

	snprintf(name, sizeof(name), "../fd/%.16s", number);
	len = readlinkat(directory, name, path, sizeof(path) - 1);
	if (len < 0)
		return NULL;
	path[len] = '\0';
	return cli_memory_format("%s", path);
}

/* The first lock of it; NULL: there is none. */
static char *read_info(struct reading *reading, int directory, const char *number)
{
	int fd = openat(directory, number, O_RDONLY | O_CLOEXEC), pieces;

	if (fd < 0)
		return NULL;
	pieces = cli_lock_text_read(fd, &reading->text, &reading->room);
	close(fd);
	return pieces < 0 ? NULL : strstr(reading->text, "lock:\t");
}

static void look_at(struct reading *reading, int directory, const char *number)
{
	char *at = read_info(reading, directory, number), *end;
	struct cli_lock_sights *sights = reading->sights;
	struct cli_lock_sight sight = { .fd = cli_lock_table_number(number) };

	for (; at && *at; at = end) {
		end = at + strcspn(at, "\n");
		if (*end)
			*end++ = '\0'; /* sscanf() would look for the end of it all */
		if (!cli_lock_line_read(at, &sight.line) ||
		    !cli_lock_table_wants(reading->files, reading->files_count, &sight.line))
			continue;
		if (!sight.state) {
			sight.path = link_of(directory, number);
			sight.state = cli_memory_format(
				"%.*s", (int)(strstr(reading->text, "lock:\t") - reading->text),
				reading->text);
		}
		if (!reading->process)
			reading->process = cli_lock_table_process(reading->table, reading->pid);
		sight.process = reading->process;
		sights->at = cli_lock_table_grow(sights->at, sights->count, sizeof(sight));
		sights->at[sights->count++] = sight;
	}
}

/* The descriptors that it has; -1: it may not be looked at. */
static int look_below(struct reading *reading, const char *path)
{
	DIR *list = opendir(path);
	const struct dirent *entry;
	int seen = 0;

	if (!list)
		return errno == EACCES || errno == EPERM ? -1 : 0;
	while ((entry = readdir(list))) {
		if (cli_lock_table_number(entry->d_name) < 0)
			continue;
		look_at(reading, dirfd(list), entry->d_name);
		seen++;
	}
	closedir(list);
	return seen;
}

/* A process whose first thread ended has its descriptors by the others. */
static void look_at_threads(struct reading *reading)
{
	const char *path = cli_memory_format("/proc/%d/task", reading->pid);
	DIR *list = opendir(path);
	const struct dirent *entry;
	int seen = 0;

	while (list && !seen && (entry = readdir(list))) {
		if (cli_lock_table_number(entry->d_name) >= 0 &&
		    cli_lock_table_number(entry->d_name) != reading->pid)
			seen = look_below(reading,
					  cli_memory_format("%s/%s/fdinfo", path, entry->d_name));
	}
	if (list)
		closedir(list);
}

static void look_at_process(struct reading *reading, int pid)
{
	char path[32];
	int seen;

	snprintf(path, sizeof(path), "/proc/%d/fdinfo", pid);
	reading->process = NULL;
	reading->pid = pid;
	seen = look_below(reading, path);
	if (!seen)
		look_at_threads(reading);
	if (seen >= 0)
		return;
	cli_lock_table_process(reading->table, pid)->unseen = true;
	reading->table->unseen++;
}

void cli_lock_table_scan(struct cli_lock_table *table, const struct cli_lock_file *files,
			 size_t count, struct cli_lock_sights *ret)
{
	struct reading reading = {
		.table = table, .files = files, .files_count = count, .sights = ret
	};
	const struct dirent *entry;
	DIR *list = opendir("/proc");

	*ret = (struct cli_lock_sights){ .at = NULL };
	table->unseen = 0;
	while (list && (entry = readdir(list))) {
		int pid = cli_lock_table_number(entry->d_name);

		if (pid > 0)
			look_at_process(&reading, pid);
	}
	if (list)
		closedir(list);
	free(reading.text);
}

bool cli_lock_table_has_open(const struct cli_lock_process *process,
			     const struct cli_lock_file *file)
{
	const char *path = cli_memory_format("/proc/%d/fdinfo", process->pid);
	const struct dirent *entry;
	DIR *list = opendir(path);
	bool found = false;

	while (list && !found && (entry = readdir(list))) {
		const char *text =
			cli_memory_read(cli_memory_format("%s/%s", path, entry->d_name), NULL);
		const char *line = text ? strstr(text, "\nino:") : NULL;

		found = line && strtoull(line + 5, NULL, 10) == file->inode;
	}
	if (list)
		closedir(list);
	return found;
}
