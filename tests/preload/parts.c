/* SPDX-License-Identifier: MIT
 * Shared by the tests of mixed families. */
#include "tests/preload/parts.h"

static struct flock range(short type, off_t start, off_t length)
{
	return (struct flock){
		.l_type = type, .l_whence = SEEK_SET, .l_start = start, .l_len = length
	};
}

int record(int fd, int command, short type, off_t start, off_t length)
{
	struct flock asked = range(type, start, length);

	return fcntl(fd, command, &asked);
}

int raw_record(const char *path, int command, short type, off_t start, off_t length)
{
	struct flock asked = range(type, start, length);
	int fd = (int)syscall(SYS_openat, AT_FDCWD, path, O_RDWR | O_CLOEXEC);

	return syscall(RAW_FCNTL, fd, command, &asked) ? errno : 0;
}

int outsider_range(const char *path, int command, short type, off_t start, off_t length)
{
	int status;
	pid_t pid = fork();

	if (!pid)
		_exit(raw_record(path, command, type, start, length));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}
