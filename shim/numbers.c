/* SPDX-License-Identifier: MIT
 * getdents with a room of our own: libc's readdir allocates. */
#include "shim/numbers.h"

#include <string.h>

#include "shim/own_fd.h"

struct entry {
	uint64_t inode, next;
	uint16_t size;
	char type, name[];
};

/* -1: "." and "..", and what is no number. */
static int number_of(const char *name)
{
	int number = 0;

	if (*name < '0' || *name > '9')
		return -1;
	for (; *name >= '0' && *name <= '9'; name++)
		number = number * 10 + (*name - '0');
	return *name ? -1 : number;
}

int numbers_each(const char *directory, bool (*see)(void *context, int number), void *context)
{
	char room[512] __attribute__((aligned(8)));
	const struct entry *entry;
	struct own_fd own;
	int error = own_fd_open(&own, directory, O_RDONLY | O_DIRECTORY), number;
	bool more = !error, lists_own = !strncmp(directory, "/proc/self/", 11) ||
					!strncmp(directory, "/proc/thread-self/", 18);
	long size = 0, at;

	while (more && (size = sys_getdents(own.fd, room, sizeof room)) > 0)
		for (at = 0; more && at < size; at += entry->size) {
			entry = (const void *)(room + at);
			number = number_of(entry->name);
			more = number < 0 || (lists_own && number == own.fd) ||
			       see(context, number);
		}
	own_fd_close(&own);
	return error ? error : size < 0 ? (int)size : 0;
}
