/* SPDX-License-Identifier: MIT
 * A description that a child has from its parent, or a program from the one before it. */
#include "tests/conformance/rows_record.h"

#include <errno.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* The answer is the exit status. */
static void ask_when_told(const struct probe *probe, int fd)
{
	helper_wait();
	_exit(lock_call(probe, fd, LOCK_EX | LOCK_NB) ? errno : 0);
}

static const char *answer_of(struct helper *child)
{
	helper_tell(child);
	errno = helper_ended(child);
	return answer_word(errno);
}

const char *probe_child_asks(const struct probe *probe, int parent)
{
	int fd = must_open(probe, O_RDWR);
	struct helper child;

	if (parent != PARENT_LOCKS_LATER)
		must_lock(probe, fd, LOCK_EX);
	child = helper_fork(probe, fd, ask_when_told);
	if (parent == PARENT_LOCKS_LATER)
		must_lock(probe, fd, LOCK_EX);
	if (parent == PARENT_UNLOCKED)
		must_lock(probe, fd, LOCK_UN);
	if (parent == PARENT_CLOSED)
		close(fd);
	return answer_of(&child);
}

/* The child has the handshake's ends, and the last word. */
static void lock_and_leave_child(const struct probe *probe, int unused)
{
	int fd = must_open(probe, O_RDWR);
	const char *cell;

	(void)unused;
	must_lock(probe, fd, LOCK_EX);
	if (fork())
		_exit(0);
	helper_wait();
	cell = granted(probe, fd, LOCK_EX);
	must_lock(probe, fd, LOCK_UN);
	probe_end(probe, strcmp(held_or(probe, ""), "") ? "STUCK" : cell);
}

const char *probe_orphan_asks(const struct probe *probe, int unused)
{
	struct helper parent = helper_fork(probe, unused, lock_and_leave_child);

	if (waitpid(parent.pid, NULL, 0) != parent.pid)
		return "helper failed";
	helper_tell(&parent);
	for (;;)
		pause();
}

/* Has the last word. */
static void wait_for_it(const struct probe *probe, int fd)
{
	const char *cell;

	helper_say();
	if (lock_call(probe, fd, LOCK_EX))
		probe_end(probe, answer_word(-1));
	cell = granted(probe, fd, LOCK_EX);
	must_lock(probe, fd, LOCK_UN);
	probe_end(probe, strcmp(held_or(probe, ""), "") ? "STUCK" : cell);
}

/* The child waits, or is about to. */
static void lock_and_let_child_wait(const struct probe *probe, int parent)
{
	int fd = must_open(probe, O_RDWR);
	struct helper child;

	must_lock(probe, fd, LOCK_EX);
	child = helper_fork(probe, fd, wait_for_it);
	helper_hear(probe, &child);
	helper_say();
	helper_wait();
	if (parent == PARENT_UNLOCKED)
		lock_call(probe, fd, LOCK_UN);
	if (parent == PARENT_CLOSED)
		close(fd);
	if (parent != PARENT_ENDS)
		helper_wait();
	_exit(0);
}

const char *probe_child_waits(const struct probe *probe, int parent)
{
	struct helper helper = helper_fork(probe, parent, lock_and_let_child_wait);

	helper_hear(probe, &helper);
	helper_tell(&helper);
	if (parent == PARENT_ENDS)
		waitpid(helper.pid, NULL, 0);
	for (;;)
		pause();
}

static void open_and_ask(const struct probe *probe, int unused)
{
	(void)unused;
	ask_when_told(probe, must_open(probe, O_RDWR));
}

const char *probe_child_opens_and_asks(const struct probe *probe, int unused)
{
	struct helper child;

	must_lock(probe, must_open(probe, O_RDWR), LOCK_EX);
	child = helper_fork(probe, unused, open_and_ask);
	return answer_of(&child);
}

static void stay(const struct probe *probe, int fd)
{
	(void)probe;
	(void)fd;
	helper_say();
	helper_wait();
}

const char *probe_parent_unlocks(const struct probe *probe, int unused)
{
	int fd = must_open(probe, O_RDWR);
	struct helper child;

	(void)unused;
	must_lock(probe, fd, LOCK_EX);
	child = helper_fork(probe, fd, stay);
	helper_hear(probe, &child);
	must_lock(probe, fd, LOCK_UN);
	return strcmp(held_or(probe, ""), "") ? "no effect" : "releases";
}

const char *probe_parent_converts(const struct probe *probe, int unused)
{
	int fd = must_open(probe, O_RDWR);
	struct helper child;
	const char *cell;

	(void)unused;
	must_lock(probe, fd, LOCK_EX);
	child = helper_fork(probe, fd, stay);
	helper_hear(probe, &child);
	cell = granted(probe, fd, LOCK_SH);
	return strcmp(cell, "granted") ? cell : granted(probe, fd, LOCK_EX);
}

/* As a worker that is killed: the next one has to get the lock. */
const char *probe_child_locks_and_ends(const struct probe *probe, int unused)
{
	int fd = must_open(probe, O_RDWR);
	struct helper child = helper_fork(probe, fd, ask_when_told);

	(void)unused;
	if (strcmp(answer_of(&child), "granted"))
		return "not granted";
	return held_or(probe, "released");
}

static void lock_and_exec(const struct probe *probe, int unused)
{
	int fd = must_open(probe, O_RDWR);

	(void)unused;
	must_lock(probe, fd, LOCK_EX);
	helper_become(probe, "unlock-stay", fd);
}

const char *probe_exec_then_unlock(const struct probe *probe, int unused)
{
	struct helper holder = helper_fork(probe, unused, lock_and_exec);

	helper_hear(probe, &holder);
	return strcmp(held_or(probe, ""), "") ? "no effect" : "releases";
}
