/* SPDX-License-Identifier: MIT
 * probe FILE [rename TO]: flock(FILE, LOCK_EX|LOCK_NB) and the answer as exit status: 0 granted,
 * 1 refused, else 2 + errno. With more words, does so again after each: see the table. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

static int try_lock(const char *path)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644), result;

	if (fd < 0)
		return 100;
	result = flock(fd, LOCK_EX | LOCK_NB) ? errno : 0;
	close(fd);
	return result == 0 ? 0 : result == EWOULDBLOCK ? 1 : 2 + result;
}

/* rename: the same file under another name. replace: another file at once, most likely on the same
 * inode number. */
int main(int argc, char **argv)
{
	int first;

	if (argc < 2)
		return 101;
	first = try_lock(argv[1]);
	if (argc < 4)
		return first;
	if (!strcmp(argv[2], "rename") && rename(argv[1], argv[3]))
		return 102;
	if (!strcmp(argv[2], "replace") && unlink(argv[1]))
		return 103;
	return 10 * (first + 1) + try_lock(argv[3]);
}
