/* SPDX-License-Identifier: MIT
 * exec and _exit without libc: no policy, no state. */
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>

#include "shim/raw.h"

#ifndef AT_EMPTY_PATH
#define AT_EMPTY_PATH 0x1000
#endif

int raw_execve(const char *path, char *const argv[], char *const envp[])
{
	return (int)syscall(SYS_execve, path, argv, envp);
}

int raw_execv(const char *path, char *const argv[])
{
	return raw_execve(path, argv, environ);
}

int raw_execveat(int directory, const char *path, char *const argv[], char *const envp[], int flags)
{
#ifdef SYS_execveat
	return (int)syscall(SYS_execveat, directory, path, argv, envp, flags);
#else
	(void)directory;
	(void)path;
	(void)argv;
	(void)envp;
	(void)flags;
	errno = ENOSYS;
	return -1;
#endif
}

int raw_fexecve(int fd, char *const argv[], char *const envp[])
{
	return raw_execveat(fd, "", argv, envp, AT_EMPTY_PATH);
}

/* What has no head that the kernel knows is the shell's. */
static void exec_or_script(const char *path, char *const argv[], char *const envp[])
{
	const char **script;
	size_t count = 0;

	raw_execve(path, argv, envp);
	if (errno != ENOEXEC)
		return;
	while (argv[count])
		count++;
	script = __builtin_alloca((count + 3) * sizeof *script);
	script[0] = "/bin/sh";
	script[1] = path;
	memcpy(script + 2, argv + (count > 0), (count - (count > 0) + 1) * sizeof *script);
	raw_execve(script[0], (char *const *)script, envp);
}

/* Whether the next directory may have it. */
static int is_elsewhere(int error)
{
	return error == EACCES || error == ENOENT || error == ENOTDIR || error == ESTALE ||
	       error == ENODEV || error == ETIMEDOUT;
}

int raw_execvpe(const char *file, char *const argv[], char *const envp[])
{
	const char *path = getenv("PATH"), *end;
	size_t len = strlen(file);
	int refused = 0;
	char *name;

	path = path ? path : "/bin:/usr/bin";
	if (!*file || strchr(file, '/')) {
		exec_or_script(file, argv, envp);
		return -1;
	}
	name = __builtin_alloca(strlen(path) + len + 2);
	for (;; path = end + 1) {
		end = path + strcspn(path, ":");
		memcpy(name, path, (size_t)(end - path));
		name[end - path] = '/';
		strcpy(name + (end - path) + (end > path), file);
		exec_or_script(name, argv, envp);
		refused |= errno == EACCES;
		if (!*end || !is_elsewhere(errno))
			break;
	}
	if (refused && is_elsewhere(errno))
		errno = EACCES;
	return -1;
}

int raw_execvp(const char *file, char *const argv[])
{
	return raw_execvpe(file, argv, environ);
}

/* Every libc has one. */
int raw_daemon(int stays, int keeps)
{
	(void)stays;
	(void)keeps;
	errno = ENOSYS;
	return -1;
}

void raw_exit(int status)
{
	for (;;)
		(void)syscall(SYS_exit_group, status);
}
