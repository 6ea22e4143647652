/* SPDX-License-Identifier: MIT
 * probe FILE [WORD TO]: flock(FILE, LOCK_EX|LOCK_NB) and the answer as exit status: 0 granted,
 * 1 refused, else 2 + errno. With more words, does so again after each: see the table.
 * probe lock|unlock FD: the same of an inherited descriptor, or lets it go. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

static int answer(int result)
{
	return result == 0 ? 0 : errno == EWOULDBLOCK ? 1 : 2 + errno;
}

static int try_descriptor(int fd)
{
	int result;

	if (fd < 0)
		return 100;
	result = answer(flock(fd, LOCK_EX | LOCK_NB));
	close(fd);
	return result;
}

static int try_lock(const char *path)
{
	return try_descriptor(open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644));
}

/* Locks a file whose name went after it was opened, and that has another. */
static int lock_by_lost_name(const char *path, const char *to)
{
	int fd = open(path, O_RDWR | O_CLOEXEC);

	return link(path, to) || unlink(path) ? 108 : try_descriptor(fd);
}

/* Locks, renames, and lets go through a duplicate: 0 where both families are free then. */
static int unlock_by_duplicate(const char *path, const char *to)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644), twin = dup(fd), other;
	struct flock record = { .l_type = F_WRLCK };

	if (fd < 0 || twin < 0 || flock(fd, LOCK_EX | LOCK_NB) || rename(path, to))
		return 104;
	if (flock(twin, LOCK_UN))
		return 105;
	other = open(to, O_RDWR | O_CLOEXEC);
	if (fcntl(other, F_OFD_SETLK, &record))
		return 106;
	return flock(other, LOCK_EX | LOCK_NB) ? 107 : 0;
}

/* rename: the same file under another name. replace: another file at once, most likely on the same
 * inode number. */
int main(int argc, char **argv)
{
	int first;

	if (argc < 2)
		return 101;
	if (argc > 2 && !strcmp(argv[1], "lock"))
		return answer(flock(atoi(argv[2]), LOCK_EX | LOCK_NB));
	if (argc > 2 && !strcmp(argv[1], "unlock"))
		return answer(flock(atoi(argv[2]), LOCK_UN));
	if (argc > 3 && !strcmp(argv[2], "duplicate"))
		return unlock_by_duplicate(argv[1], argv[3]);
	if (argc > 3 && !strcmp(argv[2], "link"))
		return lock_by_lost_name(argv[1], argv[3]);
	first = try_lock(argv[1]);
	if (argc < 4)
		return first;
	if (!strcmp(argv[2], "rename") && rename(argv[1], argv[3]))
		return 102;
	if (!strcmp(argv[2], "replace") && unlink(argv[1]))
		return 103;
	return 10 * (first + 1) + try_lock(argv[3]);
}
