/* SPDX-License-Identifier: MIT
 * Reads /proc/PID. Whatever cannot be read is left out: a process may end at any moment. */
#include "cli/converted_proc.h"
#include "cli/memory.h"

#include <ctype.h>
#include <dirent.h>
#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <time.h>
#include <unistd.h>

#define DELETED " (deleted)"
#define KERNEL_THREAD 0x00200000 /* PF_KTHREAD */

static const char *path_of(int pid, const char *file)
{
	return cli_memory_format("/proc/%d/%s", pid, file);
}

static const char *link_of(int pid, const char *file)
{
	char target[4096];
	ssize_t len = readlink(path_of(pid, file), target, sizeof(target) - 1);

	return len > 0 ? cli_memory_format("%.*s", (int)len, target) : NULL;
}

/* The COUNTth word behind AT; NULL where there are fewer. */
static const char *skip_words(const char *at, unsigned count)
{
	for (; at && count; count--) {
		at = strchr(at, ' ');
		at = at ? at + 1 : NULL;
	}
	return at;
}

/* "123 (a name) S 1 …": the name may hold blanks and parentheses. */
static bool read_stat(struct cli_proc *proc)
{
	const char *text = cli_memory_read(path_of(proc->pid, "stat"), NULL);
	const char *name = text ? strchr(text, '(') : NULL, *end = text ? strrchr(text, ')') : NULL;
	const char *state, *flags, *started;

	if (!name || !end || end < name)
		return false;
	proc->name = cli_memory_format("%.*s", (int)(end - name - 1), name + 1);
	state = skip_words(end, 1);
	flags = skip_words(state, 6);
	started = skip_words(flags, 13);
	if (!started)
		return false;
	proc->started = strtoull(started, NULL, 10);
	return *state != 'Z' && *state != 'X' && !(strtoul(flags, NULL, 10) & KERNEL_THREAD);
}

/* The last word of "NSpid:" is the number in the process' own namespace. */
static void read_status(struct cli_proc *proc)
{
	const char *text = cli_memory_read(path_of(proc->pid, "status"), NULL);
	const char *user = text ? strstr(text, "\nUid:") : NULL;
	const char *spaces = text ? strstr(text, "\nNSpid:") : NULL;

	proc->own_pid = proc->pid;
	if (user) {
		char *effective;

		strtoul(user + 5, &effective, 10);
		proc->user = (uint32_t)strtoul(effective, NULL, 10);
	}
	if (!spaces)
		return;
	for (const char *at = spaces + 7; *at && *at != '\n'; at += strcspn(at, "\t\n")) {
		at += strspn(at, "\t");
		if (isdigit((unsigned char)*at))
			proc->own_pid = (int)strtol(at, NULL, 10);
	}
}

/* The innermost part of the path that is a service: what is below it is the service's own. */
static const char *unit_in(const char *line)
{
	static const char suffix[] = ".service";
	const char *found = NULL;

	for (const char *at = line; at; at = strchr(at + 1, '/')) {
		const char *part = *at == '/' ? at + 1 : at;
		size_t len = strcspn(part, "/\n");

		if (len >= sizeof(suffix) &&
		    !memcmp(part + len - sizeof(suffix) + 1, suffix, sizeof(suffix) - 1))
			found = cli_memory_format("%.*s", (int)len, part);
		if (part[len] != '/')
			break;
	}
	return found;
}

/* cgroup v2 has one line, v1 and the mixed way one named systemd. */
static void read_unit(struct cli_proc *proc)
{
	const char *text = cli_memory_read(path_of(proc->pid, "cgroup"), NULL);
	const char *line = text ? strstr(text, "name=systemd:") : NULL;

	if (!line && text)
		line = !strncmp(text, "0::", 3) ? text : strstr(text, "\n0::");
	line = line ? strchr(line, '/') : NULL;
	proc->unit = line ? unit_in(line) : NULL;
}

static void read_space(struct cli_proc *proc)
{
	const char *link = link_of(proc->pid, "ns/pid"), *digits = link ? strchr(link, '[') : NULL;

	proc->space = digits ? strtoull(digits + 1, NULL, 10) : 0;
}

static bool is_marked(const char *path)
{
	size_t len = strlen(path);

	return len > strlen(DELETED) && !strcmp(path + len - strlen(DELETED), DELETED);
}

/* Cuts the kernel's mark off; a file that is there may be called so too. */
static bool cut_mark(char *path, uint64_t inode)
{
	struct stat is;

	if (!stat(path, &is) && is.st_ino == inode)
		return false;
	path[strlen(path) - strlen(DELETED)] = '\0';
	return true;
}

static void read_executable(struct cli_proc *proc)
{
	char *link = (char *)link_of(proc->pid, "exe");
	struct stat is;

	if (link && is_marked(link))
		cut_mark(link, stat(path_of(proc->pid, "exe"), &is) ? 0 : is.st_ino);
	proc->executable = link;
}

static void read_argv0(struct cli_proc *proc)
{
	const char *text = cli_memory_read(path_of(proc->pid, "cmdline"), NULL);

	proc->argv0 = text && *text ? text : NULL;
}

/* A string of the process' own memory. */
static const char *string_at(int pid, uint64_t address)
{
	FILE *memory = fopen(path_of(pid, "mem"), "re");
	char text[4096] = "";
	size_t got = 0;

	if (memory && !fseeko(memory, (off_t)address, SEEK_SET))
		got = fread(text, 1, sizeof(text) - 1, memory);
	if (memory)
		fclose(memory);
	return got ? cli_memory_format("%s", text) : NULL;
}

/* Pairs of words of the process' own size: in a 64-bit one the second half of each type is 0. */
static void read_auxv(struct cli_proc *proc)
{
	enum { EXECFN = 31, SECURE = 23 };
	size_t len = 0;
	const char *text = cli_memory_read(path_of(proc->pid, "auxv"), &len);
	uint32_t halves[4];
	bool wide;

	if (!text || len < sizeof(halves))
		return;
	memcpy(halves, text, sizeof(halves));
	wide = !halves[1];
	for (size_t at = 0; at + (wide ? 16 : 8) <= len; at += wide ? 16 : 8) {
		uint64_t pair[2];

		memcpy(halves, text + at, wide ? 16 : 8);
		memcpy(pair, text + at, wide ? 16 : 0);
		if (!wide)
			pair[0] = halves[0], pair[1] = halves[1];
		if (pair[0] == SECURE)
			proc->secure = pair[1];
		if (pair[0] == EXECFN)
			proc->started_as = string_at(proc->pid, pair[1]);
	}
}

bool cli_proc_read(int pid, struct cli_proc *ret)
{
	*ret = (struct cli_proc){ .pid = pid };
	if (!read_stat(ret))
		return false;
	read_status(ret);
	read_unit(ret);
	read_space(ret);
	read_executable(ret);
	read_argv0(ret);
	read_auxv(ret);
	ret->environment = cli_memory_read(path_of(pid, "environ"), &ret->environment_len);
	return true;
}

const char *cli_proc_variable(const struct cli_proc *proc, const char *name)
{
	const char *end = proc->environment + proc->environment_len;
	size_t len = strlen(name);

	for (const char *at = proc->environment; at && at < end; at += strlen(at) + 1) {
		if (!strncmp(at, name, len) && at[len] == '=')
			return at + len + 1;
	}
	return NULL;
}

/* "START-END PERMISSIONS OFFSET MAJOR:MINOR INODE   PATH" */
static bool parse_mapping(char *line, struct cli_proc_mapping *ret)
{
	const char *inode = skip_words(line, 4);
	char *path = strchr(line, '/');

	if (!inode || !path)
		return false;
	ret->inode = strtoull(inode, NULL, 10);
	path[strcspn(path, "\n")] = '\0';
	ret->deleted = is_marked(path) && cut_mark(path, ret->inode);
	ret->path = path;
	return true;
}

bool cli_proc_mappings(int pid, bool (*each)(void *context, const struct cli_proc_mapping *mapping),
		       void *context)
{
	FILE *maps = fopen(path_of(pid, "maps"), "re");
	struct cli_proc_mapping mapping;
	char *line = NULL;
	size_t room = 0;
	bool more = true;

	if (!maps)
		return false;
	while (more && getline(&line, &room, maps) >= 0) {
		if (parse_mapping(line, &mapping))
			more = each(context, &mapping);
	}
	free(line);
	fclose(maps);
	return true;
}

bool cli_proc_is_there(void)
{
	if (!access("/proc/self/stat", R_OK))
		return true;
	warnx("/proc is not to be read here: mount it, for processes to be seen");
	return false;
}

int *cli_proc_all(void)
{
	size_t room = 1024, count = 0;
	int *all = cli_memory_get(room * sizeof(*all));
	DIR *proc = opendir("/proc");
	const struct dirent *entry;

	while (proc && (entry = readdir(proc))) {
		if (!isdigit((unsigned char)entry->d_name[0]))
			continue;
		if (count + 1 == room) {
			all = memcpy(cli_memory_get(2 * room * sizeof(*all)), all,
				     room * sizeof(*all));
			room *= 2;
		}
		all[count++] = (int)strtol(entry->d_name, NULL, 10);
	}
	if (proc)
		closedir(proc);
	return all;
}

double cli_proc_began(const struct cli_proc *proc)
{
	struct timespec now, up;
	double ticks = (double)proc->started / (double)sysconf(_SC_CLK_TCK);

	clock_gettime(CLOCK_REALTIME, &now);
	clock_gettime(CLOCK_BOOTTIME, &up);
	return (double)(now.tv_sec - up.tv_sec) + (double)(now.tv_nsec - up.tv_nsec) / 1e9 + ticks;
}
