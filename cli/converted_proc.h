/* SPDX-License-Identifier: MIT
 * What /proc tells of a process, as far as the command may look: names, user, unit, environment,
 * and what of it is mapped. */
#ifndef CLI_CONVERTED_PROC_H
#define CLI_CONVERTED_PROC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cli_proc {
	int pid;
	const char *name;        /* as the kernel has it: 15 bytes at most */
	const char *executable;  /* absolute path; NULL: not to be seen */
	const char *argv0;       /* NULL: not to be seen, or none */
	const char *unit;        /* the innermost "NAME.service" of its cgroup, or NULL */
	uint32_t user;           /* effective */
	uint64_t started;        /* field 22 of stat, in clock ticks since boot */
	int own_pid;             /* its number in its own pid namespace */
	uint64_t space;          /* that namespace's inode; 0: not to be seen */
	bool secure;             /* AT_SECURE: its loader and the library ignore the environment */
	const char *started_as;  /* the path given to execve; NULL: not to be seen */
	const char *environment; /* as it was at exec, NUL between items; NULL: not to be seen */
	size_t environment_len;
};

/* One line of maps that names a file. */
struct cli_proc_mapping {
	uint64_t inode;
	bool deleted;
	const char *path; /* without " (deleted)"; as long as the caller does not go on */
};

/* False where there is no such process, or only a zombie or a kernel thread. */
bool cli_proc_read(int pid, struct cli_proc *ret);

/* The value of an environment variable, or NULL. The last one counts where there are several of
 * a name, and is the one that the library gets. */
const char *cli_proc_variable(const struct cli_proc *proc, const char *name);

/* Calls EACH for the mappings that have a file, until it returns false. False, with errno, where
 * maps cannot be read. */
bool cli_proc_mappings(int pid, bool (*each)(void *context, const struct cli_proc_mapping *mapping),
		       void *context);

/* False, once said, where /proc is not mounted: nothing of any process is to be seen. */
bool cli_proc_is_there(void);

/* All process numbers, 0 behind the last. */
int *cli_proc_all(void);

/* When it began, in seconds since 1970. */
double cli_proc_began(const struct cli_proc *proc);

#endif
