/* SPDX-License-Identifier: MIT
 * Files and ranges as they were named. */
#include "cli/locks.h"
#include "cli/memory.h"

#include <ctype.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The kernel's own number, which stat has another for on some file systems. */
static bool inode_of(int fd, uint64_t *ret)
{
	const char *info = cli_memory_read(cli_memory_format("/proc/self/fdinfo/%d", fd), NULL);
	const char *line = info ? strstr(info, "\nino:") : NULL;
	struct stat st;

	if (line) {
		*ret = strtoull(line + 5, NULL, 10);
		return true;
	}
	if (fstat(fd, &st))
		return false;
	*ret = st.st_ino;
	return true;
}

/* Without opening it: that would break leases, or wait for the other end of a pipe. */
static bool find_file(const struct cli_mounts *mounts, const char *name, struct cli_lock_file *ret)
{
	int fd = open(name, O_PATH | O_CLOEXEC);
	struct policy_mount mount;
	bool found;

	if (fd < 0)
		return false;
	found = cli_mounts_of_fd(mounts, fd, &mount) && inode_of(fd, &ret->inode);
	ret->major = found ? (unsigned)(mount.device >> 32) : 0;
	ret->minor = found ? (unsigned)mount.device : 0;
	close(fd);
	if (!found)
		errno = ENODEV;
	return found;
}

bool cli_locks_files(struct cli_locks *locks)
{
	const struct cli_arguments *arguments = locks->arguments;

	locks->files = cli_memory_get((arguments->operands_count + 1) * sizeof(*locks->files));
	for (size_t i = 0; i < arguments->operands_count; i++) {
		if (!find_file(&locks->mounts, arguments->operands[i], &locks->files[i])) {
			warn("%s", arguments->operands[i]);
			return false;
		}
	}
	locks->files_count = arguments->operands_count;
	return true;
}

static bool read_byte(const char **at, int64_t *ret)
{
	char *end;

	if (!isdigit((unsigned char)**at))
		return false;
	errno = 0;
	*ret = strtoll(*at, &end, 10);
	*at = end;
	return !errno;
}

bool cli_locks_range(const char *text, int64_t *ret_start, int64_t *ret_end)
{
	*ret_end = CLI_LOCK_EOF;
	if (!read_byte(&text, ret_start))
		return false;
	if (!*text)
		return true;
	if (*text++ != '-')
		return false;
	if (!*text)
		return true;
	return read_byte(&text, ret_end) && !*text && *ret_start <= *ret_end;
}
