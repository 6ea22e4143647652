/* SPDX-License-Identifier: MIT
 * holder FILE COMMAND…: takes FILE by flock, and runs COMMAND before it lets go. Its status. */
#include <fcntl.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	int fd = argc > 2 ? open(argv[1], O_RDWR | O_CREAT | O_CLOEXEC, 0644) : -1, status;
	pid_t pid;

	if (fd < 0 || flock(fd, LOCK_EX | LOCK_NB))
		return 100;
	pid = fork();
	if (!pid) {
		execv(argv[2], argv + 2);
		_exit(101);
	}
	return waitpid(pid, &status, 0) == pid && WIFEXITED(status) ? WEXITSTATUS(status) : 102;
}
