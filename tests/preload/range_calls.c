/* SPDX-License-Identifier: MIT
 * range_calls FILE: for strace. Between marks that nobody else makes: a lock of its own by fcntl,
 * one by lockf, one by OFD calls; then one on descriptor 9, which the program was started with. */
#include <fcntl.h>
#include <unistd.h>

static int set(int fd, int command, short type)
{
	struct flock record = { .l_type = type, .l_whence = SEEK_SET, .l_start = 1, .l_len = 5 };

	return fcntl(fd, command, &record);
}

static int by_fcntl(int fd)
{
	return set(fd, F_SETLK, F_WRLCK) | set(fd, F_SETLK, F_UNLCK) | set(fd, F_SETLKW, F_RDLCK) |
	       set(fd, F_SETLK, F_UNLCK);
}

static int by_lockf(int fd)
{
	return lockf(fd, F_TLOCK, 5) | lockf(fd, F_ULOCK, 5);
}

static int by_ofd_calls(int fd)
{
	return set(fd, F_OFD_SETLK, F_WRLCK) | set(fd, F_OFD_SETLK, F_UNLCK) |
	       set(fd, F_OFD_SETLKW, F_RDLCK) | set(fd, F_OFD_SETLK, F_UNLCK);
}

int main(int argc, char **argv)
{
	int fd = argc > 1 ? open(argv[1], O_RDWR) : -1, bad;

	getsid(0);
	bad = by_fcntl(fd);
	getsid(0);
	bad |= by_lockf(fd);
	getsid(0);
	bad |= by_ofd_calls(fd);
	getsid(0);
	bad |= by_fcntl(9);
	getsid(0);
	return bad ? 1 : 0;
}
