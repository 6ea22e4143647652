/* SPDX-License-Identifier: MIT
 * calls FILE: for strace. Locks and unlocks between system calls that nobody else makes: a pair on
 * a new descriptor, three LOCK_EX pairs, three LOCK_SH pairs, an unlock of nothing. */
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

static int pairs(int fd, int operation, int count)
{
	int bad = 0;

	while (count--)
		bad |= flock(fd, operation) | flock(fd, LOCK_UN);
	getppid();
	return bad;
}

int main(int argc, char **argv)
{
	int fd = argc > 1 ? open(argv[1], O_RDWR) : -1, bad;

	getppid();
	bad = pairs(fd, LOCK_EX, 1) | pairs(fd, LOCK_EX, 3) | pairs(fd, LOCK_SH, 3);
	fd = open(argv[1], O_RDWR);
	getppid();
	bad |= flock(fd, LOCK_UN);
	getppid();
	return bad ? 1 : 0;
}
