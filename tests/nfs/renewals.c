/* SPDX-License-Identifier: MIT
 * One function a call. */
#include "renewals.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define SOME (1 << 20)

static int call_none(int fd)
{
	(void)fd;
	return 0;
}

static int call_fstat(int fd)
{
	return fstat(fd, &(struct stat){ 0 });
}

static int call_statx(int fd)
{
	return statx(fd, "", AT_EMPTY_PATH | AT_STATX_FORCE_SYNC, STATX_BASIC_STATS,
		     &(struct statx){ 0 });
}

static int call_dontneed(int fd)
{
	errno = posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
	return errno ? -1 : 0;
}

static int call_read0(int fd)
{
	return pread(fd, (char[1]){ 0 }, 0, 0) < 0 ? -1 : 0;
}

static int call_readahead(int fd)
{
	return readahead(fd, 0, SOME) < 0 ? -1 : 0;
}

static int call_sync_file_range(int fd)
{
	return sync_file_range(fd, 0, 0,
			       SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WRITE |
				       SYNC_FILE_RANGE_WAIT_AFTER);
}

static int call_open(int fd)
{
	char path[32];
	int again;

	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	again = open(path, O_RDONLY | O_CLOEXEC);
	return again < 0 ? -1 : close(again);
}

/* The child has no POSIX locks that its close could drop. */
static int call_open_in_child(int fd)
{
	pid_t child = fork();
	int status = 1;

	if (!child)
		_exit(call_open(fd) ? 1 : 0);
	return child > 0 && waitpid(child, &status, 0) == child && !status ? 0 : -1;
}

static int call_flock_sh(int fd)
{
	return flock(fd, LOCK_SH);
}

static int call_flock_ex(int fd)
{
	return flock(fd, LOCK_EX);
}

static int call_flock_un(int fd)
{
	return flock(fd, LOCK_UN);
}

static int record_lock(int fd, int command, short type)
{
	return fcntl(fd, command, &(struct flock){ .l_type = type, .l_whence = SEEK_SET });
}

static int call_posix_ex(int fd)
{
	return record_lock(fd, F_SETLKW, F_WRLCK);
}

static int call_posix_sh(int fd)
{
	return record_lock(fd, F_SETLKW, F_RDLCK);
}

static int call_posix_un(int fd)
{
	return record_lock(fd, F_SETLKW, F_UNLCK);
}

static int call_ofd_ex(int fd)
{
	return record_lock(fd, F_OFD_SETLKW, F_WRLCK);
}

static int call_ofd_un(int fd)
{
	return record_lock(fd, F_OFD_SETLKW, F_UNLCK);
}

static const struct {
	const char *name;
	int (*make)(int fd);
} calls[] = {
	{ "none", call_none },
	{ "fstat", call_fstat },
	{ "statx", call_statx },
	{ "dontneed", call_dontneed },
	{ "read0", call_read0 },
	{ "readahead", call_readahead },
	{ "sync_file_range", call_sync_file_range },
	{ "fsync", fsync },
	{ "fdatasync", fdatasync },
	{ "open", call_open },
	{ "open-in-child", call_open_in_child },
	{ "flock-sh", call_flock_sh },
	{ "flock-ex", call_flock_ex },
	{ "flock-un", call_flock_un },
	{ "posix-ex", call_posix_ex },
	{ "posix-sh", call_posix_sh },
	{ "posix-un", call_posix_un },
	{ "ofd-ex", call_ofd_ex },
	{ "ofd-un", call_ofd_un },
};

static int make_one(int fd, const char *name, size_t length)
{
	size_t i;

	for (i = 0; i < sizeof calls / sizeof *calls; i++)
		if (strlen(calls[i].name) == length && !strncmp(calls[i].name, name, length))
			return calls[i].make(fd);
	errno = ENOSYS;
	return -1;
}

int renewals_make(int fd, const char *names)
{
	int result = 0;

	while (*names && !result) {
		size_t length = strcspn(names, "+");

		result = make_one(fd, names, length);
		names += length + (names[length] == '+');
	}
	return result;
}
