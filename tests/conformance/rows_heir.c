/* SPDX-License-Identifier: MIT
 * A child that has more than one way to the file: dups of what it inherited, a descriptor of its
 * own, a brother. */
#include "tests/conformance/rows_record.h"

#include <errno.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static int copy(int fd, int way)
{
	switch (way) {
	case COPY_DUP2:
		return dup2(fd, 70);
	case COPY_DUP3:
		return dup3(fd, 71, O_CLOEXEC);
	case COPY_DUPFD:
		return fcntl(fd, F_DUPFD_CLOEXEC, 72);
	default:
		return dup(fd);
	}
}

static int inherited;

static void copy_and_ask(const struct probe *probe, int way)
{
	int fd = copy(inherited, way);

	close(inherited);
	probe_end(probe, answer_word(lock_call(probe, fd, LOCK_EX | LOCK_NB)));
}

static _Noreturn void wait_for_last_word(void)
{
	for (;;)
		pause();
}

const char *probe_child_copies_and_asks(const struct probe *probe, int way)
{
	inherited = must_open(probe, O_RDWR);
	must_lock(probe, inherited, LOCK_EX);
	helper_fork(probe, way, copy_and_ask);
	wait_for_last_word();
}

/* Each of the two locks, then one of them unlocks. */
static void use_both(const struct probe *probe, int order)
{
	int own = must_open(probe, O_RDWR);
	int first = order & INHERITED_FIRST ? inherited : own;
	int last = order & INHERITED_FIRST ? own : inherited;

	must_lock(probe, first, LOCK_EX);
	must_lock(probe, last, LOCK_EX);
	if (strcmp(held_or(probe, ""), "held"))
		probe_end(probe, "LOST");
	must_lock(probe, order & INHERITED_UNLOCKS ? inherited : own, LOCK_UN);
	probe_end(probe, strcmp(held_or(probe, ""), "") ? "STUCK" : "granted");
}

const char *probe_child_uses_both(const struct probe *probe, int order)
{
	inherited = must_open(probe, O_RDWR);
	helper_fork(probe, order, use_both);
	wait_for_last_word();
}

/* The parent ends with two children left, the first of which asks. */
static void leave_two(const struct probe *probe, int unused)
{
	int fd = must_open(probe, O_RDWR);

	(void)unused;
	must_lock(probe, fd, LOCK_EX);
	if (!fork())
		wait_for_last_word();
	if (fork())
		_exit(0);
	helper_wait();
	probe_end(probe, answer_word(lock_call(probe, fd, LOCK_EX | LOCK_NB)));
}

const char *probe_brother_asks(const struct probe *probe, int unused)
{
	struct helper parent = helper_fork(probe, unused, leave_two);

	if (waitpid(parent.pid, NULL, 0) != parent.pid)
		return "helper failed";
	helper_tell(&parent);
	wait_for_last_word();
}

/* Each has a byte; then one asks for all. */
const char *probe_many_descriptors(const struct probe *probe, int count)
{
	int i, fd = must_open(probe, O_RDWR);

	for (i = 0; i < count; i++)
		must_set(probe, must_open(probe, O_RDWR), F_WRLCK, 2 * i, 1);
	must_lock(probe, fd, LOCK_EX);
	if (strcmp(held_or(probe, ""), "held"))
		return "LOST";
	must_lock(probe, fd, LOCK_UN);
	return strcmp(held_or(probe, ""), "") ? "STUCK" : "granted";
}

/* One has many bytes; then another asks for all. */
const char *probe_many_parts(const struct probe *probe, int count)
{
	int i, fd = must_open(probe, O_RDWR), other = must_open(probe, O_RDWR);

	for (i = 0; i < count; i++)
		must_set(probe, fd, F_WRLCK, 2 * i, 1);
	must_lock(probe, other, LOCK_EX);
	if (strcmp(held_or(probe, ""), "held"))
		return "LOST";
	must_lock(probe, other, LOCK_UN);
	return strcmp(held_or(probe, ""), "") ? "STUCK" : "granted";
}

static void lock_fork_exec(const struct probe *probe, int unused)
{
	int fd = must_open(probe, O_RDWR);

	(void)unused;
	must_lock(probe, fd, LOCK_EX);
	if (!fork())
		wait_for_last_word();
	helper_become(probe, "lock-stay", fd);
}

const char *probe_exec_asks_again(const struct probe *probe, int unused)
{
	struct helper holder = helper_fork(probe, unused, lock_fork_exec);
	char word;

	if (read(holder.hear, &word, 1) != 1 || word == 'n')
		return "conflicts";
	return held_or(probe, "LOST");
}
