/* SPDX-License-Identifier: MIT
 * Ranges locked in child processes, by system call. */
#include "tests/reach/range.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#ifdef SYS_fcntl64
#define RAW_FCNTL SYS_fcntl64
#define RAW_SETLK F_SETLK64
#else
#define RAW_FCNTL SYS_fcntl
#define RAW_SETLK F_SETLK
#endif

#define BROKEN 99

static _Noreturn void die(const char *what)
{
	perror(what);
	_exit(BROKEN);
}

static int lock(const char *path, int64_t start, int64_t length)
{
	struct flock record = { .l_type = F_WRLCK, .l_start = start, .l_len = length };
	int fd = (int)syscall(SYS_openat, AT_FDCWD, path, O_RDWR | O_CLOEXEC);

	if (fd < 0)
		return BROKEN;
	return syscall(RAW_FCNTL, fd, RAW_SETLK, &record) ? errno : 0;
}

int range_try(const char *path, int64_t start, int64_t length)
{
	pid_t pid = fork();
	int status;

	if (pid < 0)
		die("fork");
	if (!pid)
		_exit(lock(path, start, length));
	if (waitpid(pid, &status, 0) != pid || !WIFEXITED(status) || WEXITSTATUS(status) == BROKEN)
		die("range_try");
	return WEXITSTATUS(status);
}

struct outsider range_hold(const char *path, int64_t start, int64_t length)
{
	struct outsider outsider;
	char word = 'n';
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) || (outsider.pid = fork()) < 0)
		die("range_hold");
	if (!outsider.pid) {
		syscall(SYS_close, ends[0]);
		word = lock(path, start, length) ? 'n' : 'y';
		if (write(ends[1], &word, 1) != 1)
			die("write");
		while (read(ends[1], &word, 1) < 0 && errno == EINTR)
			;
		_exit(0);
	}
	close(ends[1]);
	if (read(ends[0], &word, 1) != 1 || word != 'y')
		die("range_hold");
	outsider.tell = ends[0];
	return outsider;
}
