/* SPDX-License-Identifier: MIT
 * The kernel's list has no number for who waits for an OFD lock: the threads are asked which call
 * they are in. */
#include "cli/lock_table_inside.h"
#include "cli/memory.h"
#include "cli/mounts.h"

#include <dirent.h>
#include <inttypes.h>
#include <linux/kcmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#define OFD_SETLKW 38u /* for every class of program */

/* fcntl as the kernel numbers it, and where struct flock has its start. */
static const struct call {
	unsigned number, start;
} calls[] = {
#if defined(__x86_64__) || defined(__i386__)
	{ 72, 8 },
	{ 221, 4 },
#else
	{ SYS_fcntl, 8 },
	{ 25, 8 },
	{ 221, 8 },
#endif
};

/* What a thread waits for. */
struct wait {
	int pid, fd;
	bool known; /* type, start and end */
	bool write;
	int64_t start, end;
	struct cli_lock_file file;
	bool device_known;
};

static const struct call *call_of(unsigned number)
{
	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		if (calls[i].number == number)
			return &calls[i];
	}
	return NULL;
}

static void read_request(const struct call *call, uint64_t address, struct wait *ret)
{
	struct {
		int16_t type, whence;
		char rest[20];
	} request = { 0 };
	struct iovec here = { &request, sizeof(request) };
	struct iovec there = { (void *)(uintptr_t)address, sizeof(request) };
	int64_t length;

	if (process_vm_readv(ret->pid, &here, 1, &there, 1, 0) != (ssize_t)sizeof(request))
		return;
	memcpy(&ret->start, request.rest + call->start - 4, sizeof(ret->start));
	memcpy(&length, request.rest + call->start + 4, sizeof(length));
	ret->known = request.whence == SEEK_SET && length >= 0;
	ret->write = request.type == 1;
	ret->end = length ? ret->start + length - 1 : CLI_LOCK_EOF;
}

static uint64_t number_behind(const char *text, const char *word)
{
	const char *line = strstr(text, word);

	return line ? strtoull(line + strlen(word), NULL, 10) : 0;
}

/* The device of a mount of another namespace is not known here: then the inode has to do. */
static void find_device(int mount_id, struct cli_lock_file *ret, bool *ret_known)
{
	static struct cli_mounts mounts;
	struct policy_mount mount;
	const char *at;

	if (!mounts.text)
		cli_mounts_read(&mounts);
	at = mounts.text;
	while (!*ret_known && policy_mount_next(&at, mounts.text + mounts.len, &mount)) {
		*ret_known = mount.id == mount_id;
		ret->major = (unsigned)(mount.device >> 32);
		ret->minor = (unsigned)mount.device;
	}
}

static bool find_file(struct wait *wait)
{
	const char *text =
		cli_memory_read(cli_memory_format("/proc/%d/fdinfo/%d", wait->pid, wait->fd), NULL);
	struct stat st;

	if (!text)
		return false;
	wait->file.inode = number_behind(text, "\nino:");
	if (!wait->file.inode &&
	    !stat(cli_memory_format("/proc/%d/fd/%d", wait->pid, wait->fd), &st))
		wait->file.inode = st.st_ino; /* before Linux 5.14 */
	find_device((int)number_behind(text, "\nmnt_id:"), &wait->file, &wait->device_known);
	return wait->file.inode;
}

/* "72 0x4 0x26 0x7ffc… …": the call, and where its request is. */
static const struct call *read_call(const char *text, struct wait *ret, uint64_t *ret_address)
{
	char *at;
	unsigned long number = strtoul(text, &at, 10), command;

	if (at == text) /* it runs */
		return NULL;
	ret->fd = (int)strtoull(at, &at, 16);
	command = (unsigned long)strtoull(at, &at, 16);
	*ret_address = strtoull(at, NULL, 16);
	return command == OFD_SETLKW ? call_of((unsigned)number) : NULL;
}

static bool read_wait(int pid, int thread, struct wait *ret)
{
	char path[64], text[256] = "";
	const struct call *call;
	uint64_t address;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/syscall", pid, thread);
	file = fopen(path, "re");
	if (!file)
		return false;
	*ret = (struct wait){ .pid = pid };
	call = fgets(text, sizeof(text), file) ? read_call(text, ret, &address) : NULL;
	fclose(file);
	if (!call)
		return false;
	read_request(call, address, ret);
	return find_file(ret);
}

/* The process that starts a keeper shares the memory of the one that asked for it. */
static int asking_process(struct cli_lock_process *process)
{
	cli_lock_table_facts(process);
#ifdef SYS_kcmp
	if (process->parent && !syscall(SYS_kcmp, process->pid, process->parent, KCMP_VM, 0, 0))
		return process->parent;
#endif
	return process->pid;
}

static bool is_of_file(const struct cli_lock_line *line, const struct wait *wait)
{
	return wait->device_known ? cli_lock_file_same(&line->file, &wait->file)
				  : line->file.inode == wait->file.inode;
}

static bool fits(const struct cli_lock_row *row, const struct wait *wait)
{
	const struct cli_lock_line *line = &row->line;

	return line->level && line->family == CLI_LOCK_OFD && !row->holders_count &&
	       is_of_file(line, wait) &&
	       (!wait->known || (line->write == wait->write && line->start == wait->start &&
				 line->end == wait->end));
}

static void place(struct cli_lock_table *table, const struct wait *wait)
{
	for (size_t i = 0; i < table->count; i++) {
		struct cli_lock_process *process;
		int pid;

		if (!fits(table->rows[i], wait))
			continue;
		process = cli_lock_table_process(table, wait->pid);
		pid = asking_process(process);
		cli_lock_row_hold(table->rows[i], cli_lock_table_process(table, pid),
				  pid == wait->pid ? wait->fd : -1);
		return;
	}
}

static void ask_threads(struct cli_lock_table *table, int pid)
{
	char path[32];
	const struct dirent *entry;
	struct wait wait;
	DIR *list;

	snprintf(path, sizeof(path), "/proc/%d/task", pid);
	list = opendir(path);
	while (list && (entry = readdir(list))) {
		int thread = cli_lock_table_number(entry->d_name);

		if (thread > 0 && read_wait(pid, thread, &wait))
			place(table, &wait);
	}
	if (list)
		closedir(list);
}

static void ask_all(struct cli_lock_table *table)
{
	DIR *list = opendir("/proc");
	const struct dirent *entry;

	while (list && (entry = readdir(list))) {
		int pid = cli_lock_table_number(entry->d_name);

		if (pid > 0)
			ask_threads(table, pid);
	}
	if (list)
		closedir(list);
}

void cli_lock_table_waiters(struct cli_lock_table *table)
{
	bool nameless = false;

	for (size_t i = 0; i < table->count; i++) {
		struct cli_lock_row *row = table->rows[i];

		if (!row->line.level)
			continue;
		if (row->line.pid > 0)
			cli_lock_row_hold(row, cli_lock_table_process(table, row->line.pid), -1);
		nameless |= row->line.family == CLI_LOCK_OFD;
	}
	if (nameless)
		ask_all(table);
	for (size_t i = 0; i < table->count; i++) {
		for (size_t j = 0; j < table->rows[i]->holders_count; j++)
			cli_lock_table_facts(table->rows[i]->holders[j].process);
	}
}
