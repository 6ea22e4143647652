/* SPDX-License-Identifier: MIT
 * How a lock is let go: by libc's functions, as any program does it, or past them. */
#include "tests/fuse/schedules/act.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

static void way_unlock(struct act *act)
{
	act_must(act_lock(act->plan->family, act->fd, F_UNLCK) == 0);
}

static void way_parts(struct act *act)
{
	if (act->plan->family != FAMILY_FLOCK)
		act_must(act_set_record(act->plan->family, act->fd, F_UNLCK, 0, RECORD_SIZE) == 0);
	way_unlock(act);
}

static void way_downgrade(struct act *act)
{
	act_must(act_lock(act->plan->family, act->fd, F_RDLCK) == 0);
	way_unlock(act);
}

static void way_close(struct act *act)
{
	act_must(close(act->fd) == 0);
}

static void way_dup2(struct act *act)
{
	act_must(dup2(STDIN_FILENO, act->fd) == act->fd);
}

static void way_fclose(struct act *act)
{
	act_must(fclose(act->stream) == 0);
}

static void way_close_range(struct act *act)
{
	act_must(close_range((unsigned)act->fd, ~0U, 0) == 0);
}

static void way_close_other(struct act *act)
{
	int other =
		act->plan->family == FAMILY_POSIX ? open(act->path, O_RDONLY | O_CLOEXEC) : act->fd;

	act_must(other >= 0 && close(other) == 0);
}

static void way_exec(struct act *act)
{
	(void)act;
	execl("/bin/true", "true", (char *)NULL);
	act_gone();
}

static void way_exit(struct act *act)
{
	(void)act;
	exit(0);
}

static void way_quick_exit(struct act *act)
{
	(void)act;
	quick_exit(0);
}

static void way_exit_now(struct act *act)
{
	(void)act;
	_exit(0);
}

static void way_killed(struct act *act)
{
	(void)act;
	kill(getpid(), SIGKILL);
}

static void way_terminated(struct act *act)
{
	(void)act;
	kill(getpid(), SIGTERM);
}

static void way_abort(struct act *act)
{
	(void)act;
	abort();
}

static void way_raw_exit(struct act *act)
{
	(void)act;
	act_gone();
}

static void way_raw_close(struct act *act)
{
	act_must(syscall(SYS_close, act->fd) == 0);
}

static void way_freopen(struct act *act)
{
	FILE *stream = fdopen(act->fd, "r+");

	act_must(stream && freopen("/dev/null", "r", stream));
}

void act_let_go(struct act *act)
{
	static void (*const ways[WAY_COUNT])(struct act *) = {
		[WAY_UNLOCK] = way_unlock,
		[WAY_PARTS] = way_parts,
		[WAY_DOWNGRADE] = way_downgrade,
		[WAY_CLOSE] = way_close,
		[WAY_DUP2] = way_dup2,
		[WAY_FCLOSE] = way_fclose,
		[WAY_CLOSE_RANGE] = way_close_range,
		[WAY_CLOSE_OTHER] = way_close_other,
		[WAY_EXEC] = way_exec,
		[WAY_EXIT] = way_exit,
		[WAY_QUICK_EXIT] = way_quick_exit,
		[WAY_EXIT_NOW] = way_exit_now,
		[WAY_READ_ONLY] = way_unlock,
		[WAY_KILLED] = way_killed,
		[WAY_TERMINATED] = way_terminated,
		[WAY_ABORT] = way_abort,
		[WAY_RAW_EXIT] = way_raw_exit,
		[WAY_RAW_CLOSE] = way_raw_close,
		[WAY_BUFFERED] = way_unlock,
		[WAY_BUFFERED_EXIT] = way_exit,
		[WAY_SHARED] = way_unlock,
		[WAY_FREOPEN] = way_freopen,
		[WAY_CHILD] = way_close,
	};

	ways[act->turn->way](act);
}
