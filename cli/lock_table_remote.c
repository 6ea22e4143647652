/* SPDX-License-Identifier: MIT
 * Locks that lockd and nfsd hold for other hosts. nfsd names those hosts to root. */
#include "cli/lock_table_inside.h"
#include "cli/memory.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#define CLIENTS "/proc/fs/nfsd/clients"

/* The threads take locks in their own names; one that has ended leaves its number behind. A POSIX
 * lock of a local process ends with it. */
static bool is_remote(const struct cli_lock_row *row, struct cli_lock_process *process)
{
	cli_lock_table_facts(process);
	if (process->command)
		return process->kernel &&
		       (!strcmp(process->command, "lockd") || !strcmp(process->command, "nfsd"));
	return (row->line.family == CLI_LOCK_POSIX || row->line.family == CLI_LOCK_LEASE) &&
	       kill(process->pid, 0) && errno == ESRCH;
}

/* "address: \"192.0.2.7:812\"" */
static const char *address_of(const char *client)
{
	char *info = cli_memory_read(cli_memory_format(CLIENTS "/%s/info", client), NULL);
	char *at = info ? strstr(info, "address: \"") : NULL, *end;

	if (!at)
		return cli_memory_format("client %s", client);
	at += strlen("address: \"");
	end = strchr(at, '"');
	if (end)
		*end = '\0';
	return at;
}

static bool has_lock(const char *states, const struct cli_lock_file *file)
{
	const char *wanted = cli_memory_format("superblock: \"%02x:%02x:%" PRIu64 "\"", file->major,
					       file->minor, file->inode);
	const char *at = states;

	while ((at = strstr(at, "type: lock"))) {
		const char *end = at + strcspn(at, "\n"), *found = strstr(at, wanted);

		if (found && found < end)
			return true;
		at = end;
	}
	return false;
}

/* nfsd has no list by range: each client with a lock on the file may be the one. */
static void name_hosts(struct cli_lock_row *row)
{
	DIR *list = opendir(CLIENTS);
	const struct dirent *entry;
	size_t count = 0;

	while (list && (entry = readdir(list))) {
		const char *states = NULL;

		if (*entry->d_name != '.')
			states = cli_memory_read(
				cli_memory_format(CLIENTS "/%s/states", entry->d_name), NULL);
		if (!states || !has_lock(states, &row->line.file))
			continue;
		row->remote = cli_lock_table_grow(row->remote, count, 2 * sizeof(*row->remote));
		row->remote[count++] = address_of(entry->d_name);
	}
	if (list)
		closedir(list);
}

/* The kernel's word for who took it is all there is: a flock may have gone to others by now, unless
 * they could have been seen. */
static void take_word(struct cli_lock_row *row, struct cli_lock_process *process)
{
	if (process->command && !row->holders_count &&
	    (process->unseen || row->line.family == CLI_LOCK_POSIX))
		cli_lock_row_hold(row, process, -1);
}

void cli_lock_table_remote(struct cli_lock_table *table)
{
	for (size_t i = 0; i < table->count; i++) {
		struct cli_lock_row *row = table->rows[i];
		struct cli_lock_process *process;

		if (row->line.pid <= 0 || (row->holders_count && !row->line.level))
			continue;
		process = cli_lock_table_process(table, row->line.pid);
		if (!is_remote(row, process)) {
			take_word(row, process);
			continue;
		}
		row->notes |= 1u << CLI_LOCK_NOTE_REMOTE;
		row->holders_count = 0;
		if (process->command)
			cli_lock_row_hold(row, process, -1);
		name_hosts(row);
	}
}
