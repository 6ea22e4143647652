/* SPDX-License-Identifier: MIT
 * Who may let go, and what another program took for us. */
#include "tests/conformance/rows.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

/* At once: an unlock has let go when it returns. */
static const char *after_unlock(const struct probe *probe)
{
	const char *held = held_or(probe, "releases");

	return strcmp(held, "held") ? held : "no effect";
}

static const char *unlock_own(const struct probe *probe, int mode, int operation)
{
	int fd = must_open(probe, mode);

	must_lock(probe, fd, operation_of(mode));
	if (lock_call(probe, fd, operation))
		return answer_word(-1);
	return after_unlock(probe);
}

const char *probe_unlock(const struct probe *probe, int operation)
{
	return unlock_own(probe, O_RDWR, operation);
}

const char *probe_unlock_read_only(const struct probe *probe, int operation)
{
	return unlock_own(probe, O_RDONLY, operation);
}

/* An unlock that comes back too early shows in the next request. */
const char *probe_relock(const struct probe *probe, int mode)
{
	int fd = must_open(probe, mode), round;

	for (round = 0; round < 50; round++) {
		must_lock(probe, fd, LOCK_SH);
		must_lock(probe, fd, LOCK_UN);
		must_lock(probe, fd, LOCK_EX);
		must_lock(probe, fd, LOCK_UN);
	}
	return "granted";
}

static void unlock_inherited(const struct probe *probe, int fd)
{
	if (lock_call(probe, fd, LOCK_UN))
		_exit(1);
	helper_say();
	helper_wait();
}

const char *probe_child_unlocks(const struct probe *probe, int mode)
{
	int fd = must_open(probe, mode);
	struct helper child;

	must_lock(probe, fd, operation_of(mode));
	child = helper_fork(probe, fd, unlock_inherited);
	helper_hear(probe, &child);
	return after_unlock(probe);
}

const char *probe_exec_unlocks(const struct probe *probe, int mode)
{
	int fd = must_open(probe, mode);
	struct helper child;

	must_lock(probe, fd, operation_of(mode));
	child = helper_exec(probe, "unlock", fd);
	if (helper_ended(&child))
		return "helper failed";
	return after_unlock(probe);
}

/* As flock(1) does for its shell. */
const char *probe_locked_by_another(const struct probe *probe, int mode)
{
	int fd = must_open(probe, mode);
	struct helper locker = helper_exec(probe, "lock", fd);

	if (helper_ended(&locker))
		return "not granted";
	return held_or(probe, "LOST");
}

static void lock_and_exec(const struct probe *probe, int mode)
{
	int fd = must_open(probe, mode);

	must_lock(probe, fd, operation_of(mode));
	helper_become(probe, "stay", fd);
}

const char *probe_holder_execs(const struct probe *probe, int mode)
{
	struct helper holder = helper_fork(probe, mode, lock_and_exec);

	helper_hear(probe, &holder);
	return held_or(probe, "LOST");
}

/* The shell, and flock(1), as scripts use them; it says a line when flock(1) has exited. */
static void run_shell(const struct probe *probe, int redirected)
{
	static const char *const scripts[] = {
		"( flock -n 9 || exit 1; echo; read line ) 9>\"$0\"",
		"exec 9<\"$0\"; flock -x -n 9 || exit 1; echo; read line",
		"( flock -n -s 9 || exit 1; echo; read line ) 9>\"$0\"",
	};

	helper_to_standard();
	execl("/bin/sh", "sh", "-c", scripts[redirected], probe->file, (char *)NULL);
}

const char *probe_subshell(const struct probe *probe, int redirected)
{
	struct helper shell = helper_fork(probe, redirected, run_shell);

	helper_hear(probe, &shell);
	return held_or(probe, "LOST");
}
