/* SPDX-License-Identifier: MIT
 * Read from /proc: no table of our own would be complete. */
#include "shim/fd_list.h"

#include "shim/own_fd.h"

#define KCMP_FILE 0 /* linux/kcmp.h, which musl-gcc has not */

struct entry {
	uint64_t inode, next;
	uint16_t size;
	char type, name[];
};

struct search {
	const struct stat *file;
	bool (*see)(void *context, int fd);
	void *context;
	int list; /* our own, for the length of the search */
};

/* -1: "." and "..". */
static int number_of(const char *name)
{
	int number = 0;

	if (*name < '0' || *name > '9')
		return -1;
	for (; *name >= '0' && *name <= '9'; name++)
		number = number * 10 + (*name - '0');
	return number;
}

static bool fits(const struct search *search, int fd)
{
	struct stat found;

	return fd >= 0 && fd != search->list && !sys_fstat(fd, &found) &&
	       found.st_ino == search->file->st_ino && found.st_dev == search->file->st_dev;
}

static long search_all(const struct search *search)
{
	char room[512] __attribute__((aligned(8)));
	const struct entry *entry;
	long size, at;
	int fd;

	while ((size = sys_getdents(search->list, room, sizeof room)) > 0)
		for (at = 0; at < size; at += entry->size) {
			entry = (const void *)(room + at);
			fd = number_of(entry->name);
			if (fits(search, fd) && !search->see(search->context, fd))
				return 0;
		}
	return size;
}

int fd_list_of(const struct stat *file, bool (*see)(void *context, int fd), void *context)
{
	/* The second on kernels before 3.17. */
	static const char *const directories[] = { "/proc/thread-self/fd", "/proc/self/fd" };
	struct search search = { file, see, context, -1 };
	struct own_fd own;
	long result = -ENOENT;
	size_t i;

	for (i = 0; result == -ENOENT && i < 2; i++)
		result = own_fd_open(&own, directories[i], O_RDONLY | O_DIRECTORY);
	if (!result) {
		search.list = own.fd;
		result = search_all(&search);
	}
	own_fd_close(&own);
	return (int)result;
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
