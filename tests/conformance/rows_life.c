/* SPDX-License-Identifier: MIT
 * A lock lives as long as the open file description, whoever has it. */
#include "tests/conformance/rows.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef SYS_close_range
#define SYS_close_range 436
#endif

const char *probe_open_mode(const struct probe *probe, int mode)
{
	return granted(probe, must_open(probe, mode), operation_of(mode));
}

/* A user who may not open the file in the mode that a lock of the POSIX domain wants. */
const char *probe_not_ours_to_open(const struct probe *probe, int mode)
{
	int fd = must_open(probe, mode);

	if (getuid())
		return NO_CELL;
	if (setresgid(65534, 65534, 65534) || setresuid(65534, 65534, 65534))
		return "no other user";
	return answer_word(lock_call(probe, fd, operation_of(mode) | LOCK_NB));
}

static void end_raw_close(const struct probe *probe, int fd)
{
	(void)probe;
	syscall(SYS_close, fd);
}

static void end_dup2(const struct probe *probe, int fd)
{
	(void)probe;
	dup2(0, fd);
}

static void end_raw_close_range(const struct probe *probe, int fd)
{
	(void)probe;
	syscall(SYS_close_range, fd, fd, 0);
}

static void end_exit(const struct probe *probe, int fd)
{
	(void)probe;
	(void)fd;
	_exit(0);
}

static void end_sigkill(const struct probe *probe, int fd)
{
	(void)probe;
	(void)fd;
	raise(SIGKILL);
}

static void end_exec(const struct probe *probe, int fd)
{
	fcntl(fd, F_SETFD, FD_CLOEXEC);
	helper_become(probe, "stay", fd);
}

static void (*const ends[ENDS])(const struct probe *probe, int fd) = {
	[BY_RAW_CLOSE] = end_raw_close,
	[BY_DUP2] = end_dup2,
	[BY_RAW_CLOSE_RANGE] = end_raw_close_range,
	[BY_EXIT] = end_exit,
	[BY_SIGKILL] = end_sigkill,
	[BY_EXEC] = end_exec,
};

static void lock_and_end(const struct probe *probe, int ended)
{
	int mode = ended & O_ACCMODE, fd = must_open(probe, mode);

	must_lock(probe, fd, operation_of(mode));
	helper_say();
	helper_wait();
	ends[ended >> 4](probe, fd);
	helper_say();
	helper_wait();
}

/* A keeper may need a moment to see it; none is measured here. */
const char *probe_last_end(const struct probe *probe, int ended)
{
	struct helper holder = helper_fork(probe, ended, lock_and_end);
	const char *held;

	helper_hear(probe, &holder);
	held = held_or(probe, NULL);
	helper_tell(&holder);
	if (!held || strcmp(held, "held"))
		return "not held";
	return probe_ask(probe, ASK_UNTIL_FREE, 0) ? "STUCK" : "released";
}

const char *probe_duplicate_lives_on(const struct probe *probe, int mode)
{
	int fd = must_open(probe, mode), twin = dup(fd);

	must_lock(probe, fd, operation_of(mode));
	syscall(SYS_close, fd);
	(void)twin;
	return held_or(probe, "LOST");
}

const char *probe_second_description(const struct probe *probe, int mode)
{
	int one = must_open(probe, mode), two = must_open(probe, mode);

	must_lock(probe, one, LOCK_EX);
	return answer_word(lock_call(probe, two, LOCK_EX | LOCK_NB));
}

const char *probe_unrelated_close(const struct probe *probe, int mode)
{
	must_lock(probe, must_open(probe, mode), operation_of(mode));
	close(must_open(probe, O_RDONLY));
	return held_or(probe, "LOST");
}

static void stay_forked(const struct probe *probe, int fd)
{
	(void)probe;
	(void)fd;
	helper_say();
	helper_wait();
}

const char *probe_parent_closes(const struct probe *probe, int mode)
{
	int fd = must_open(probe, mode);
	struct helper child;

	must_lock(probe, fd, operation_of(mode));
	child = helper_fork(probe, fd, stay_forked);
	helper_hear(probe, &child);
	close(fd);
	return held_or(probe, "LOST");
}

/* The helper's child has its handshake's ends, and says the byte once its parent is gone. */
static void lock_and_leave_child(const struct probe *probe, int mode)
{
	int fd = must_open(probe, mode);

	must_lock(probe, fd, operation_of(mode));
	if (fork())
		_exit(0);
	helper_wait();
	helper_say();
	helper_wait();
}

const char *probe_parent_exits(const struct probe *probe, int mode)
{
	struct helper parent = helper_fork(probe, mode, lock_and_leave_child);

	if (waitpid(parent.pid, NULL, 0) != parent.pid)
		return "helper failed";
	helper_tell(&parent);
	helper_hear(probe, &parent);
	return held_or(probe, "LOST");
}

static void close_inherited(const struct probe *probe, int fd)
{
	(void)probe;
	close(fd);
	helper_say();
	helper_wait();
}

const char *probe_child_closes(const struct probe *probe, int mode)
{
	int fd = must_open(probe, mode);
	struct helper child;

	must_lock(probe, fd, operation_of(mode));
	child = helper_fork(probe, fd, close_inherited);
	helper_hear(probe, &child);
	return held_or(probe, "LOST");
}

const char *probe_vfork_exec(const struct probe *probe, int mode)
{
	int fd = must_open(probe, mode);
	struct helper child;

	must_lock(probe, fd, operation_of(mode));
	child = helper_exec(probe, "stay", fd);
	helper_hear(probe, &child);
	close(fd);
	return held_or(probe, "LOST");
}
