/* SPDX-License-Identifier: MIT
 * The probe's side: it knows no more of a lock than the judge tells. */
#include "tests/conformance/probe.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/conformance/act.h"

static int helper_in = 0, helper_out = 1;

_Noreturn void probe_end(const struct probe *probe, const char *cell)
{
	struct question last = { .ask = ASK_CELL };

	snprintf(last.cell, sizeof last.cell, "%s", cell);
	_exit(send(probe->judge, &last, sizeof last, MSG_NOSIGNAL) == sizeof last ? 0 : 1);
}

_Noreturn void probe_run(const struct probe *probe, const struct row *row)
{
	probe_end(probe, row->probe(probe, row->argument));
}

int probe_ask(const struct probe *probe, enum ask ask, int argument)
{
	return probe_ask_of(probe, ask, argument, 0, 0);
}

int probe_ask_of(const struct probe *probe, enum ask ask, int argument, int64_t start,
		 int64_t length)
{
	struct question question = {
		.ask = (int)ask, .argument = argument, .start = start, .length = length
	};
	int value;

	if (send(probe->judge, &question, sizeof question, MSG_NOSIGNAL) != sizeof question ||
	    recv(probe->judge, &value, sizeof value, 0) != sizeof value)
		_exit(1);
	return value;
}

int must_open(const struct probe *probe, int flags)
{
	int fd = open(probe->file, flags);

	if (fd < 0)
		probe_end(probe, "open failed");
	return fd;
}

const char *answer_word(int result)
{
	static const struct {
		int error;
		const char *word;
	} words[] = {
		{ EWOULDBLOCK, "conflicts" }, { EBADF, "EBADF" },   { EDEADLK, "EDEADLK" },
		{ ENOLCK, "ENOLCK" },         { EINTR, "EINTR" },   { EINVAL, "EINVAL" },
		{ EACCES, "conflicts" },      { EFAULT, "EFAULT" }, { EOVERFLOW, "EOVERFLOW" }
	};
	size_t i;

	if (!result)
		return "granted";
	for (i = 0; i < sizeof words / sizeof words[0]; i++)
		if (words[i].error == errno)
			return words[i].word;
	return "other errno";
}

int lock_call(const struct probe *probe, int fd, int operation)
{
	return lock_by(probe->table->family, fd, operation);
}

void must_lock(const struct probe *probe, int fd, int operation)
{
	if (lock_call(probe, fd, operation | LOCK_NB))
		probe_end(probe, answer_word(-1));
}

/* The domains of the column in which the judge is refused OPERATION. */
static unsigned refused_in(const struct probe *probe, int operation)
{
	unsigned domain, refused = 0;

	for (domain = IN_FLOCK; domain <= IN_RECORDS; domain <<= 1)
		if (probe->column->domains & domain &&
		    probe_ask(probe, ASK_TRY, operation | (int)domain << 8))
			refused |= domain;
	return refused;
}

const char *granted(const struct probe *probe, int fd, int operation)
{
	unsigned everywhere = probe->column->domains;
	unsigned shared;

	must_lock(probe, fd, operation);
	shared = refused_in(probe, LOCK_SH);
	if (refused_in(probe, LOCK_EX) != everywhere)
		return "granted to all";
	if (shared != (operation == LOCK_EX ? everywhere : 0))
		return shared ? "granted as EX" : "granted as SH";
	return "granted";
}

const char *held_or(const struct probe *probe, const char *free)
{
	unsigned refused = refused_in(probe, LOCK_EX);

	if (refused == probe->column->domains)
		return "held";
	return refused ? "half held" : free;
}

static void must_pipe(const struct probe *probe, int down[2], int up[2])
{
	if (pipe2(down, O_CLOEXEC) || pipe2(up, O_CLOEXEC))
		probe_end(probe, "no pipe");
}

static struct helper helper_of(const struct probe *probe, pid_t pid, int down[2], int up[2])
{
	if (pid < 0)
		probe_end(probe, "no process");
	close(down[0]);
	close(up[1]);
	return (struct helper){ .pid = pid, .hear = up[0], .tell = down[1] };
}

struct helper helper_fork(const struct probe *probe, int fd,
			  void (*run)(const struct probe *probe, int fd))
{
	int down[2], up[2];
	pid_t pid;

	must_pipe(probe, down, up);
	pid = fork();
	if (!pid) {
		close(down[1]);
		close(up[0]);
		helper_in = down[0];
		helper_out = up[1];
		run(probe, fd);
		_exit(0);
	}
	return helper_of(probe, pid, down, up);
}

struct helper helper_exec(const struct probe *probe, const char *action, int fd)
{
	char number[16], family[16];
	int down[2], up[2];
	pid_t pid;

	must_pipe(probe, down, up);
	snprintf(number, sizeof number, "%d", fd);
	snprintf(family, sizeof family, "%d", (int)probe->table->family);
	pid = vfork();
	if (!pid) {
		dup2(down[0], 0);
		dup2(up[1], 1);
		execl(self, self, "--do", action, number, family, (char *)NULL);
		_exit(127);
	}
	return helper_of(probe, pid, down, up);
}

void helper_say(void)
{
	if (write(helper_out, "s", 1) != 1)
		_exit(1);
}

void helper_wait(void)
{
	char word;

	if (read(helper_in, &word, 1) != 1)
		_exit(1);
}

void helper_to_standard(void)
{
	dup2(helper_in, 0);
	dup2(helper_out, 1);
}

void helper_become(const struct probe *probe, const char *action, int fd)
{
	char number[16], family[16];

	snprintf(number, sizeof number, "%d", fd);
	snprintf(family, sizeof family, "%d", (int)probe->table->family);
	helper_to_standard();
	execl(self, self, "--do", action, number, family, (char *)NULL);
}

void helper_hear(const struct probe *probe, const struct helper *helper)
{
	char word;

	if (read(helper->hear, &word, 1) != 1)
		probe_end(probe, "helper failed");
}

void helper_tell(const struct helper *helper)
{
	if (write(helper->tell, "t", 1) != 1)
		_exit(1);
}

int helper_ended(struct helper *helper)
{
	int status;

	if (waitpid(helper->pid, &status, 0) != helper->pid)
		_exit(1);
	close(helper->hear);
	close(helper->tell);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}
