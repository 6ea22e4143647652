/* SPDX-License-Identifier: MIT
 * Locks in child processes, by system call. */
#include "tests/support/outsider.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#ifdef SYS_fcntl64
#define RAW_FCNTL SYS_fcntl64
#define RAW_SETLK F_SETLK64
#define RAW_SETLKW F_SETLKW64
#else
#define RAW_FCNTL SYS_fcntl
#define RAW_SETLK F_SETLK
#define RAW_SETLKW F_SETLKW
#endif

static _Noreturn void die(const char *what)
{
	perror(what);
	_exit(99);
}

int outsider_call(int fd, enum outsider_family family, int operation, bool wait)
{
	struct flock record = { .l_type = operation == LOCK_EX   ? F_WRLCK
					  : operation == LOCK_SH ? F_RDLCK
								 : F_UNLCK };
	int posix = wait ? RAW_SETLKW : RAW_SETLK, ofd = wait ? F_OFD_SETLKW : F_OFD_SETLK;
	long result;

	if (family == BY_FLOCK)
		result = syscall(SYS_flock, fd, operation | (wait ? 0 : LOCK_NB));
	else
		result = syscall(RAW_FCNTL, fd, family == BY_OFD ? ofd : posix, &record);
	return result ? errno : 0;
}

static int open_for_any(const char *path)
{
	int fd = (int)syscall(SYS_openat, AT_FDCWD, path, O_RDWR | O_CLOEXEC);

	return fd >= 0 ? fd : (int)syscall(SYS_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC);
}

int outsider_try(const char *path, enum outsider_family family, int operation)
{
	int status, fd;
	pid_t pid = fork();

	if (pid < 0)
		die("fork");
	if (!pid) {
		fd = open_for_any(path);
		_exit(fd < 0 ? 99 : outsider_call(fd, family, operation, false));
	}
	if (waitpid(pid, &status, 0) != pid || !WIFEXITED(status) || WEXITSTATUS(status) == 99)
		die("outsider_try");
	return WEXITSTATUS(status);
}

static _Noreturn void hold(const char *path, enum outsider_family family, int operation, int from,
			   int to)
{
	int fd = open_for_any(path), error;
	char word = 'x';

	error = fd < 0 ? errno : outsider_call(fd, family, operation, false);
	if (write(to, error ? "n" : "y", 1) != 1)
		die("write");
	while (read(from, &word, 1) < 0 && errno == EINTR)
		;
	_exit(0);
}

struct outsider outsider_hold(const char *path, enum outsider_family family, int operation)
{
	struct outsider outsider;
	int down[2], up[2];
	char word = 'n';

	if (pipe2(down, O_CLOEXEC) || pipe2(up, O_CLOEXEC))
		die("pipe");
	outsider.pid = fork();
	if (outsider.pid < 0)
		die("fork");
	if (!outsider.pid) {
		syscall(SYS_close, down[1]);
		hold(path, family, operation, down[0], up[1]);
	}
	close(down[0]);
	close(up[1]);
	if (read(up[0], &word, 1) != 1 || word != 'y')
		die("outsider_hold");
	close(up[0]);
	outsider.tell = down[1];
	return outsider;
}

void outsider_stop(struct outsider *outsider)
{
	/* Not by closing the pipe alone: children of the test may hold its other end too. */
	kill(outsider->pid, SIGKILL);
	close(outsider->tell);
	if (waitpid(outsider->pid, NULL, 0) != outsider->pid)
		die("waitpid");
}

static bool has_waiter(unsigned long inode)
{
	char line[256], mark[64];
	FILE *locks = fopen("/proc/locks", "re");
	bool found = false;

	if (!locks)
		die("/proc/locks");
	snprintf(mark, sizeof mark, ":%lu ", inode);
	while (!found && fgets(line, sizeof line, locks))
		found = strstr(line, "->") && strstr(line, mark);
	fclose(locks);
	return found;
}

void outsider_await_waiter(const char *path)
{
	struct stat st;

	if (stat(path, &st))
		die(path);
	while (!has_waiter((unsigned long)st.st_ino))
		sched_yield();
}
