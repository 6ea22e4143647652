/* SPDX-License-Identifier: MIT
 * The process and its pipes. Once the file has crashed every call fails, and it ends. */
#include "tests/fuse/schedules/holder.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/fuse/schedules/act.h"

static void open_it(struct act *act)
{
	bool read_only = act_is_read_only(act->turn->way);

	act->fd = open(act->path, (read_only ? O_RDONLY : O_RDWR) | O_CLOEXEC);
	act_must(act->fd >= 0);
	act->writes = act->fd;
	if (!read_only && act->turn->store != STORE_OTHER)
		return;
	act->writes = open(act->path, O_RDWR | O_CLOEXEC);
	act_must(act->writes >= 0);
}

static void lock(const struct act *act)
{
	int status = 0, type = act->turn->way == WAY_SHARED ? F_RDLCK : F_WRLCK;
	pid_t child = act->turn->way == WAY_CHILD ? fork() : 0;

	act_must(child >= 0);
	if (child) {
		act_must(waitpid(child, &status, 0) == child);
		errno = WEXITSTATUS(status);
		act_must(!errno);
		return;
	}
	status = act_lock(act->plan->family, act->fd, type) ? errno : 0;
	if (act->turn->way == WAY_CHILD)
		syscall(SYS_exit_group, status);
	errno = status;
	act_must(!status);
}

static _Noreturn void take_turn(struct act *act, bool syncs, int from, int to)
{
	char word;

	open_it(act);
	lock(act);
	act_store(act);
	act_must(write(to, "w", 1) == 1 && read(from, &word, 1) == 1);
	if (syncs) {
		act_must(!act->stream || fflush(act->stream) == 0);
		act_must(fdatasync(act->writes) == 0);
	}
	act_let_go(act);
	act_gone();
}

static void fill(struct act *act, unsigned turn)
{
	unsigned first = plan_first_record(act->plan, turn);

	act->end = (off_t)first * RECORD_SIZE;
	act->size = act->turn->records * RECORD_SIZE;
	for (unsigned i = 0; i < act->turn->records; i++)
		record_make(act->data + (size_t)i * RECORD_SIZE, act->plan->seed, first + i);
}

struct holder holder_start(const struct plan *plan, unsigned turn, const char *path, bool syncs)
{
	struct act act = { .plan = plan, .turn = &plan->turn[turn], .path = path };
	struct holder holder;
	int down[2], up[2];

	if (pipe2(down, O_CLOEXEC) || pipe2(up, O_CLOEXEC) || (holder.pid = fork()) < 0) {
		perror("schedules: holder");
		exit(2);
	}
	if (!holder.pid) {
		fill(&act, turn);
		take_turn(&act, syncs, down[0], up[1]);
	}
	close(down[0]);
	close(up[1]);
	holder.tell = down[1];
	holder.hear = up[0];
	return holder;
}

bool holder_has_written(const struct holder *holder)
{
	char word;

	return read(holder->hear, &word, 1) == 1;
}

void holder_finish(struct holder *holder)
{
	if (write(holder->tell, "g", 1) != 1 && errno != EPIPE)
		perror("schedules: tell");
	close(holder->tell);
	close(holder->hear);
	while (waitpid(holder->pid, NULL, 0) < 0 && errno == EINTR)
		;
}
