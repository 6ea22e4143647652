/* SPDX-License-Identifier: MIT
 * The ways to become another program, which closes what has close-on-exec and lets go of its locks:
 * flushed before, where a rule says so. Not seen: posix_spawn, system and popen, whose child has
 * only copies of what this process keeps open. */
#include <stdarg.h>
#include <stddef.h>

#include "shim/flush.h"
#include "shim/next.h"
#include "shim/start.h"
#include "shim/wrap.h"

static void begin_exec(void)
{
	(void)shim_state();
	if (flush_on())
		flush_before_exec();
}

/* Of FIRST and what follows up to NULL, which is not counted. */
static size_t count(const char *first, va_list more)
{
	size_t number = 0;

	for (; first; first = va_arg(more, const char *))
		number++;
	return number;
}

/* INTO has room for one more than count(). */
static void gather(const char **into, const char *first, va_list more)
{
	for (*into = first; *into; *into = va_arg(more, const char *))
		into++;
}

/* The arguments stand on the stack, as libc has them. */
#define ROOM(arguments) __builtin_alloca(((arguments) + 1) * sizeof(char *))

/* Overrides libc's execve. */
EXPORT int execve(const char *path, char *const argv[], char *const envp[])
{
	begin_exec();
	return NEXT(execve)(path, argv, envp);
}

/* Overrides libc's execv. */
EXPORT int execv(const char *path, char *const argv[])
{
	begin_exec();
	return NEXT(execv)(path, argv);
}

/* Overrides libc's execvp. */
EXPORT int execvp(const char *file, char *const argv[])
{
	begin_exec();
	return NEXT(execvp)(file, argv);
}

/* Overrides libc's execvpe. */
EXPORT int execvpe(const char *file, char *const argv[], char *const envp[])
{
	begin_exec();
	return NEXT(execvpe)(file, argv, envp);
}

/* Overrides libc's fexecve. */
EXPORT int fexecve(int fd, char *const argv[], char *const envp[])
{
	begin_exec();
	return NEXT(fexecve)(fd, argv, envp);
}

/* Overrides libc's execveat (glibc 2.34). */
EXPORT int execveat(int directory, const char *path, char *const argv[], char *const envp[],
		    int flags)
{
	begin_exec();
	return NEXT(execveat)(directory, path, argv, envp, flags);
}

/* Overrides libc's execl; the next execv is called, since arguments can't be passed on. */
EXPORT int execl(const char *path, const char *first, ...)
{
	const char **argv;
	va_list more;

	va_start(more, first);
	argv = ROOM(count(first, more));
	va_end(more);
	va_start(more, first);
	gather(argv, first, more);
	va_end(more);
	begin_exec();
	return NEXT(execv)(path, (char *const *)argv);
}

/* The same for execlp: the next execvp. */
EXPORT int execlp(const char *file, const char *first, ...)
{
	const char **argv;
	va_list more;

	va_start(more, first);
	argv = ROOM(count(first, more));
	va_end(more);
	va_start(more, first);
	gather(argv, first, more);
	va_end(more);
	begin_exec();
	return NEXT(execvp)(file, (char *const *)argv);
}

/* The same for execle: the next execve. The environment follows the NULL. */
EXPORT int execle(const char *path, const char *first, ...)
{
	char *const *envp;
	const char **argv;
	size_t at = 0;
	va_list more;

	va_start(more, first);
	argv = ROOM(count(first, more));
	va_end(more);
	va_start(more, first);
	for (argv[at] = first; argv[at]; argv[at] = va_arg(more, const char *))
		at++;
	envp = va_arg(more, char *const *);
	va_end(more);
	begin_exec();
	return NEXT(execve)(path, (char *const *)argv, envp);
}
