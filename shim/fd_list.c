/* SPDX-License-Identifier: MIT
 * Read from /proc: no table of our own would be complete. */
#include "shim/fd_list.h"

#include "policy/sys.h"
#include "shim/numbers.h"

#define KCMP_FILE 0 /* linux/kcmp.h, which musl-gcc has not */

struct search {
	const struct stat *file;
	bool (*see)(void *context, int fd);
	void *context;
};

static bool look(void *context, int fd)
{
	const struct search *search = context;
	struct stat found;

	if (sys_fstat(fd, &found) || found.st_ino != search->file->st_ino ||
	    found.st_dev != search->file->st_dev)
		return true;
	return search->see(search->context, fd);
}

int fd_list_of(const struct stat *file, bool (*see)(void *context, int fd), void *context)
{
	struct search search = { file, see, context };
	int result = numbers_each("/proc/thread-self/fd", look, &search);

	/* Kernels before 3.17. */
	return result == -ENOENT ? numbers_each("/proc/self/fd", look, &search) : result;
}

bool fd_is_same_file(int fd, int other)
{
	struct stat a, b;

	return !sys_fstat(other, &b) && !sys_fstat(fd, &a) && a.st_ino == b.st_ino &&
	       a.st_dev == b.st_dev;
}

int fd_same_description(int fd, int other)
{
	int saved = errno;
	long thread = syscall(SYS_gettid);
	long result = syscall(SYS_kcmp, thread, thread, KCMP_FILE, fd, other);

	errno = saved;
	return result < 0 ? -1 : result == 0;
}
