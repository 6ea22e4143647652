/* SPDX-License-Identifier: MIT
 * thread-self, since a thread can have descriptors of its own; self on kernels before 3.17. */
#include "shim/proc_fd.h"

#include <string.h>

static const char *const directories[] = { "/proc/thread-self/", "/proc/self/" };

/* "/proc/thread-self/fdinfo/2147483647" and its end fit. */
#define NAME_ROOM 40

static void name_of(char into[NAME_ROOM], const char *directory, const char *kind, int fd)
{
	char digits[12], *at = digits + sizeof digits - 1;
	unsigned number = (unsigned)fd;

	*at = '\0';
	do
		*--at = (char)('0' + number % 10);
	while (number /= 10);
	strcpy(into, directory);
	strcat(into, kind);
	strcat(into, at);
}

long proc_fd_link(int fd, char *into, size_t room)
{
	char name[NAME_ROOM];
	long len = -ENOENT;
	size_t i;

	for (i = 0; len == -ENOENT && i < 2; i++) {
		name_of(name, directories[i], "fd/", fd);
		len = sys_readlink(name, into, room);
	}
	return len;
}

int proc_fd_open_info(struct own_fd *ret, int fd)
{
	char name[NAME_ROOM];
	int error = -ENOENT;
	size_t i;

	for (i = 0; error == -ENOENT && i < 2; i++) {
		name_of(name, directories[i], "fdinfo/", fd);
		error = own_fd_open(ret, name, O_RDONLY);
	}
	return error;
}

long proc_fd_info(int fd, char *into, size_t room)
{
	struct own_fd own;
	long len = proc_fd_open_info(&own, fd);

	if (!len)
		len = sys_read(own.fd, into, room - 1);
	own_fd_close(&own);
	into[len > 0 ? len : 0] = '\0';
	return len;
}
