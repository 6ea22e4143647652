/* SPDX-License-Identifier: MIT
 * A column is a row of a table. */
#include "cli/locks_columns.h"
#include "cli/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>

#define CELL(name)                                                                                 \
	static const char *name(const struct cli_locks *locks, const struct cli_lock_row *row)
#define JSON(name)                                                                                 \
	static void name(struct cli_json *json, const char *key, const struct cli_locks *locks,    \
			 const struct cli_lock_row *row)

static const char *number(int64_t value)
{
	return cli_memory_format("%" PRId64, value);
}

static void number_or_null(struct cli_json *json, const char *key, bool known, int64_t value)
{
	if (known)
		cli_json_number(json, key, value);
	else
		cli_json_text(json, key, NULL);
}

static const char *joined(const char *text, const char *more)
{
	return text ? cli_memory_format("%s,%s", text, more) : more;
}

CELL(command)
{
	const struct cli_lock_process *process = cli_lock_row_process(row);

	(void)locks;
	return process ? process->command : NULL;
}

JSON(command_json)
{
	cli_json_text(json, key, command(locks, row));
}

CELL(pid)
{
	const struct cli_lock_process *process = cli_lock_row_process(row);

	(void)locks;
	return process ? number(process->pid) : NULL;
}

JSON(pid_json)
{
	const struct cli_lock_process *process = cli_lock_row_process(row);

	(void)locks;
	number_or_null(json, key, process, process ? process->pid : 0);
}

CELL(family)
{
	(void)locks;
	return cli_lock_family_names[row->line.family];
}

JSON(family_json)
{
	cli_json_text(json, key, family(locks, row));
}

CELL(asked)
{
	(void)locks;
	return cli_lock_family_names[row->asked];
}

JSON(asked_json)
{
	cli_json_text(json, key, asked(locks, row));
}

CELL(mode)
{
	(void)locks;
	return cli_memory_format("%s%s", row->line.write ? "WRITE" : "READ",
				 row->line.level ? "*" : "");
}

JSON(mode_json)
{
	(void)locks;
	cli_json_text(json, key, row->line.write ? "WRITE" : "READ");
	cli_json_bool(json, "waits", row->line.level);
}

CELL(start)
{
	(void)locks;
	return number(row->line.start);
}

JSON(start_json)
{
	(void)locks;
	cli_json_number(json, key, row->line.start);
}

CELL(end)
{
	(void)locks;
	return row->line.end == CLI_LOCK_EOF ? "EOF" : number(row->line.end);
}

JSON(end_json)
{
	(void)locks;
	number_or_null(json, key, row->line.end != CLI_LOCK_EOF, row->line.end);
}

/* One descriptor a process. */
static bool is_first_of_process(const struct cli_lock_row *row, size_t place)
{
	for (size_t i = 0; i < place; i++) {
		if (row->holders[i].process == row->holders[place].process)
			return false;
	}
	return true;
}

static const char *pids_of(const struct cli_lock_row *row, const char *text)
{
	for (size_t i = 0; i < row->holders_count; i++) {
		if (is_first_of_process(row, i))
			text = joined(text, number(row->holders[i].process->pid));
	}
	for (size_t i = 0; row->remote && row->remote[i]; i++)
		text = joined(text, row->remote[i]);
	return text;
}

CELL(holders)
{
	(void)locks;
	return row->line.level ? NULL : pids_of(row, NULL);
}

static void process_json(struct cli_json *json, const struct cli_lock_holder *holder)
{
	cli_json_open(json, NULL, '{');
	cli_json_text(json, "command", holder->process->command);
	cli_json_number(json, "pid", holder->process->pid);
	number_or_null(json, "fd", holder->fd >= 0, holder->fd);
	cli_json_close(json, '}');
}

static void holders_of(struct cli_json *json, const struct cli_lock_row *row)
{
	for (size_t i = 0; i < row->holders_count; i++)
		process_json(json, &row->holders[i]);
	for (size_t i = 0; row->remote && row->remote[i]; i++) {
		cli_json_open(json, NULL, '{');
		cli_json_text(json, "host", row->remote[i]);
		cli_json_close(json, '}');
	}
}

JSON(holders_json)
{
	(void)locks;
	cli_json_open(json, key, '[');
	if (!row->line.level)
		holders_of(json, row);
	cli_json_close(json, ']');
}

CELL(blocker)
{
	const char *text = NULL;

	(void)locks;
	for (size_t i = 0; i < row->blockers_count; i++) {
		const char *more = pids_of(row->blockers[i], NULL);

		if (!more)
			more = "?";
		if (!text || !strstr(joined(NULL, cli_memory_format(",%s,", text)),
				     cli_memory_format(",%s,", more)))
			text = joined(text, more);
	}
	return text;
}

JSON(blocker_json)
{
	(void)locks;
	cli_json_open(json, key, '[');
	for (size_t i = 0; i < row->blockers_count; i++)
		holders_of(json, row->blockers[i]);
	cli_json_close(json, ']');
}

CELL(notes)
{
	const char *text = NULL;

	(void)locks;
	for (unsigned i = 0; i < CLI_LOCK_NOTES; i++) {
		if (row->notes >> i & 1)
			text = joined(text, cli_lock_note_names[i]);
	}
	return text;
}

JSON(notes_json)
{
	(void)locks;
	cli_json_open(json, key, '[');
	for (unsigned i = 0; i < CLI_LOCK_NOTES; i++) {
		if (row->notes >> i & 1)
			cli_json_text(json, NULL, cli_lock_note_names[i]);
	}
	cli_json_close(json, ']');
}

static bool mount_of(const struct cli_locks *locks, const struct cli_lock_row *row,
		     struct policy_mount *ret)
{
	return cli_mounts_of_device(&locks->mounts,
				    policy_device(row->line.file.major, row->line.file.minor), ret);
}

CELL(mount)
{
	struct policy_mount mount;

	return mount_of(locks, row, &mount) ? cli_mounts_point(&mount) : NULL;
}

JSON(mount_json)
{
	cli_json_text(json, key, mount(locks, row));
}

CELL(fstype)
{
	struct policy_mount mount;

	return mount_of(locks, row, &mount)
		       ? cli_memory_format("%.*s", (int)mount.fstype_len, mount.fstype)
		       : NULL;
}

JSON(fstype_json)
{
	cli_json_text(json, key, fstype(locks, row));
}

CELL(path)
{
	const char *point = row->path ? NULL : mount(locks, row);

	if (row->path)
		return row->path;
	return point ? cli_memory_format("%s...", point) : NULL;
}

JSON(path_json)
{
	(void)locks;
	cli_json_text(json, key, row->path);
}

CELL(device)
{
	(void)locks;
	return cli_memory_format("%u:%u", row->line.file.major, row->line.file.minor);
}

JSON(device_json)
{
	cli_json_text(json, key, device(locks, row));
}

CELL(inode)
{
	(void)locks;
	return cli_memory_format("%" PRIu64, row->line.file.inode);
}

JSON(inode_json)
{
	(void)locks;
	cli_json_number(json, key, (long long)row->line.file.inode);
}

CELL(mandatory)
{
	(void)locks;
	return row->line.mandatory ? "1" : "0";
}

JSON(mandatory_json)
{
	(void)locks;
	cli_json_bool(json, key, row->line.mandatory);
}

static int64_t size_of(const struct cli_lock_row *row)
{
	for (size_t i = 0; i < row->holders_count; i++) {
		const struct cli_lock_holder *holder = &row->holders[i];
		struct stat st;

		if (holder->fd >= 0 &&
		    !stat(cli_memory_format("/proc/%d/fd/%d", holder->process->pid, holder->fd),
			  &st))
			return st.st_size;
	}
	return -1;
}

CELL(size)
{
	int64_t size = size_of(row);

	(void)locks;
	return size >= 0 ? number(size) : NULL;
}

JSON(size_json)
{
	int64_t size = size_of(row);

	(void)locks;
	number_or_null(json, key, size >= 0, size);
}

const struct cli_locks_column cli_locks_columns[] = {
	{ "COMMAND", false, false, command, command_json },
	{ "PID", true, false, pid, pid_json },
	{ "FAMILY", false, false, family, family_json },
	{ "ASKED", false, false, asked, asked_json },
	{ "MODE", false, false, mode, mode_json },
	{ "START", true, false, start, start_json },
	{ "END", true, false, end, end_json },
	{ "HOLDERS", false, false, holders, holders_json },
	{ "BLOCKER", false, false, blocker, blocker_json },
	{ "NOTES", false, false, notes, notes_json },
	{ "PATH", false, false, path, path_json },
	{ "MOUNT", false, false, mount, mount_json },
	{ "FSTYPE", false, false, fstype, fstype_json },
	{ "MAJ:MIN", true, false, device, device_json },
	{ "INODE", true, false, inode, inode_json },
	{ "M", true, false, mandatory, mandatory_json },
	{ "SIZE", true, true, size, size_json },
};

const size_t cli_locks_columns_count = sizeof(cli_locks_columns) / sizeof(cli_locks_columns[0]);
