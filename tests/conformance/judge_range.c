/* SPDX-License-Identifier: MIT
 * Of one owner each: a new descriptor, or a process. */
#include "tests/conformance/judge_range.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/support/outsider.h"

static struct flock record_of(const struct question *asked, short type)
{
	return (struct flock){ .l_type = type,
			       .l_whence = SEEK_SET,
			       .l_start = asked->start,
			       .l_len = asked->length };
}

static int open_file(const char *file)
{
	int fd = open(file, O_RDWR | O_CLOEXEC);

	if (fd >= 0)
		return fd;
	perror(file);
	exit(2);
}

struct flock range_against(const char *file, const struct question *asked)
{
	struct flock record = record_of(asked, F_WRLCK);
	int fd = open_file(file);

	if (fcntl(fd, F_GETLK, &record))
		record.l_type = F_UNLCK;
	close(fd);
	return record;
}

int range_try(const char *file, const struct question *asked)
{
	struct flock record = record_of(asked, (short)asked->argument);
	int fd = open_file(file), error;

	error = fcntl(fd, F_OFD_SETLK, &record) ? errno : 0;
	close(fd);
	return error;
}

static _Noreturn void hold(const char *file, const struct question *asked, int from, int to)
{
	struct flock record = record_of(asked, (short)(asked->argument & 0xff));
	int command = asked->argument >> 8 == BY_OFD ? F_OFD_SETLK : F_SETLK;
	char word = fcntl(open_file(file), command, &record) ? 'n' : 'y';

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (write(to, &word, 1) != 1)
		_exit(1);
	while (read(from, &word, 1) < 0 && errno == EINTR)
		;
	_exit(0);
}

int range_hold(struct range_holder *holder, const char *file, const struct question *asked)
{
	int down[2], up[2];
	char word = 'n';

	if (holder->pid || pipe2(down, O_CLOEXEC) || pipe2(up, O_CLOEXEC))
		return 0;
	holder->tell = down[1];
	holder->pid = fork();
	if (!holder->pid) {
		close(down[1]);
		hold(file, asked, down[0], up[1]);
	}
	close(down[0]);
	close(up[1]);
	if (read(up[0], &word, 1) != 1 || word != 'y')
		range_let_go(holder);
	close(up[0]);
	return holder->pid;
}

void range_let_go(struct range_holder *holder)
{
	if (!holder->pid)
		return;
	close(holder->tell);
	waitpid(holder->pid, NULL, 0);
	holder->pid = 0;
}
