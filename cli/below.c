/* SPDX-License-Identifier: MIT
 * openat2 with RESOLVE_IN_ROOT. */
#include "cli/below.h"
#include "cli/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* For headers that don't have them yet; one number on all machines. */
#ifndef SYS_openat2
#define SYS_openat2 437
#endif
#define IN_ROOT 0x10

struct how {
	uint64_t flags, mode, resolve;
};

/* EAGAIN: something was renamed on the way. */
static int open_in(int root, const char *path, int flags)
{
	struct how how = { .flags = (uint64_t)flags | O_CLOEXEC, .resolve = IN_ROOT };
	long fd;

	do
		fd = syscall(SYS_openat2, root, path, &how, sizeof(how));
	while (fd < 0 && (errno == EAGAIN || errno == EINTR));
	return (int)fd;
}

int cli_below_open(const char *root, const char *path, int flags)
{
	int above, fd, saved;

	if (!*root)
		return open(path, flags | O_CLOEXEC);
	above = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (above < 0)
		return -1;
	fd = open_in(above, path, flags);
	saved = errno;
	close(above);
	errno = saved;
	return fd;
}

char *cli_below_read(const char *root, const char *path)
{
	/* A pipe of that name is not waited for. */
	int fd = cli_below_open(root, path, O_RDONLY | O_NONBLOCK), saved;
	char *text;

	if (fd < 0)
		return NULL;
	text = cli_memory_read_fd(fd, NULL);
	saved = errno;
	close(fd);
	errno = saved;
	return text;
}

bool cli_below_has(const char *root, const char *path)
{
	int fd = cli_below_open(root, path, O_PATH | O_NOFOLLOW);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

const char *cli_below_link(const char *root, const char *path)
{
	char target[4096];
	int fd = cli_below_open(root, path, O_PATH | O_NOFOLLOW);
	ssize_t len = fd < 0 ? -1 : readlinkat(fd, "", target, sizeof(target));

	if (fd >= 0)
		close(fd);
	return len < 0 ? NULL : cli_memory_format("%.*s", (int)len, target);
}

static int make_in(const char *root, const char *path, const char *name)
{
	int above = cli_below_make(root, path), rc, saved;

	if (above < 0)
		return -1;
	rc = mkdirat(above, name, 0755);
	saved = errno;
	close(above);
	errno = saved;
	return rc;
}

int cli_below_make(const char *root, const char *path)
{
	const char *slash = strrchr(path, '/');
	int fd = cli_below_open(root, path, O_RDONLY | O_DIRECTORY);

	if (fd >= 0 || errno != ENOENT || slash == path)
		return fd;
	if (make_in(root, cli_memory_format("%.*s", (int)(slash - path), path), slash + 1) &&
	    errno != EEXIST)
		return -1;
	return cli_below_open(root, path, O_RDONLY | O_DIRECTORY);
}
