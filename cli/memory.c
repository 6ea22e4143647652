/* SPDX-License-Identifier: MIT
 * One list of blocks, reachable to the end, so that nobody needs to free or to leak. */
#include "cli/memory.h"
#include "cli/cli.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct block {
	struct block *next;
	max_align_t data[];
};

static struct block *blocks;

static void *try_get(void *context, size_t size)
{
	struct block *block = size > SIZE_MAX / 2 ? NULL : calloc(1, sizeof(*block) + size);

	(void)context;
	if (!block)
		return NULL;
	block->next = blocks;
	blocks = block;
	return block->data;
}

const struct policy_memory cli_memory_for_policy = { .more = try_get };

void *cli_memory_get(size_t size)
{
	void *at = try_get(NULL, size);

	if (!at)
		errx(CLI_FAILED, "out of memory");
	return at;
}

char *cli_memory_format(const char *format, ...)
{
	va_list args;
	char *text;
	int len;

	va_start(args, format);
	len = vsnprintf(NULL, 0, format, args);
	va_end(args);
	text = cli_memory_get((size_t)len + 1);
	va_start(args, format);
	vsnprintf(text, (size_t)len + 1, format, args);
	va_end(args);
	return text;
}

/* Files of /proc have no size to ask for beforehand. */
char *cli_memory_read_fd(int fd, size_t *ret_len)
{
	size_t room = 16384, len = 0;
	char *text = cli_memory_get(room);

	for (;;) {
		ssize_t got = read(fd, text + len, room - len - 1);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return NULL;
		if (got == 0)
			break;
		len += (size_t)got;
		if (room - len == 1) {
			text = memcpy(cli_memory_get(room * 2), text, len);
			room *= 2;
		}
	}
	if (ret_len)
		*ret_len = len;
	return text;
}

char *cli_memory_read(const char *file, size_t *ret_len)
{
	int fd = open(file, O_RDONLY | O_CLOEXEC);
	char *text;
	int saved;

	if (fd < 0)
		return NULL;
	text = cli_memory_read_fd(fd, ret_len);
	saved = errno;
	close(fd);
	errno = saved;
	return text;
}

const char *cli_memory_absolute(const char *path)
{
	char *cwd;
	const char *full;

	if (path[0] == '/')
		return path;
	cwd = realpath(".", NULL);
	if (!cwd)
		err(CLI_FAILED, "cannot find the working directory");
	while (!strncmp(path, "./", 2))
		path += 2;
	full = cli_memory_format("%s/%s", strcmp(cwd, "/") ? cwd : "", path);
	free(cwd);
	return full;
}
