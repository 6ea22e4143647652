/* SPDX-License-Identifier: MIT
 * Who stands in the way is asked of the kernel. The locks of NFS clients are its threads', and
 * meeting those is what a rule is for. */
#include "shim/hazard_meet.h"

#include <string.h>

#include "policy/sys.h"
#include "shim/decide.h"
#include "shim/foreign.h"
#include "shim/hazard.h"
#include "shim/keeper.h"
#include "shim/keeper_bytes.h"
#include "shim/ofd_commands.h"
#include "shim/say.h"
#include "shim/start.h"

/* A thread of the kernel has no executable; another user's may not be read. */
static bool is_user_process(int pid)
{
	char path[40] = "/proc/", digits[24], first;

	strcat(path, say_number(digits, (uint64_t)pid));
	strcat(path, "/exe");
	return sys_readlink(path, &first, sizeof first) != -ENOENT;
}

/* The lock that the kernel names first against RANGE. No descriptor is opened: the host may be
 * closing all of them. */
static bool named_against(int fd, int command, const struct mixed_range *range, struct flock *ret)
{
	*ret = (struct flock){
		.l_type = range->type,
		.l_whence = SEEK_SET,
		.l_start = range->start,
		.l_len = range->end == MIXED_EOF ? 0 : range->end - range->start + 1,
	};
	return !sys_fcntl(fd, command, ret) && ret->l_type != F_UNLCK;
}

/* Whoever flocks beside fcntl has that byte by flock. */
static bool meets_flock(int fd, short type)
{
	const struct mixed_range last = { MIXED_EOF, MIXED_EOF, type };
	struct flock named;

	return named_against(fd, F_OFD_GETLK, &last, &named) && named.l_pid == -1;
}

/* Who takes both families one after the other meets others in between, and is on its way. */
#define TURNS 64
static bool lasts(int fd, int command, const struct mixed_range *range, const struct flock *seen)
{
	struct flock now = *seen;
	int turn, saved = errno;

	for (turn = 0; turn < TURNS && now.l_pid == seen->l_pid && now.l_len == seen->l_len;
	     turn++) {
		syscall(SYS_sched_yield);
		if (!named_against(fd, command, range, &now))
			break;
	}
	errno = saved;
	return turn == TURNS;
}

void hazard_flock_refused(int fd, short type)
{
	const struct mixed_range whole = { 0, MIXED_EOF, type };
	struct flock named;

	if (named_against(fd, F_OFD_GETLK, &whole, &named) && named.l_pid > 0 &&
	    named.l_pid != sys_getpid() && is_user_process(named.l_pid) &&
	    lasts(fd, F_OFD_GETLK, &whole, &named) && !meets_flock(fd, type))
		hazard_met_at(HAZARD_FAMILIES_MEET, fd, "flock meets the POSIX lock of process",
			      named.l_pid);
}

/* As far as can be told: the program's own OFD locks are seldom so long. */
static bool is_flock(const struct foreign_lock *lock)
{
	return lock->pid == -1 && !lock->range.start &&
	       (lock->range.end == MIXED_EOF || lock->range.end == KEEPER_END - 1 ||
		lock->range.end == KEEPER_LIFE - 1);
}

static bool converts_flock(int fd)
{
	struct decision made;

	return !decide_lock(shim_state(), fd, &made) &&
	       policy_flock_families((enum policy_flock_value)made.calls->value[POLICY_FLOCK]) &
		       POLICY_FAMILY_OFD;
}

void hazard_record_refused(int fd, const struct mixed_range *range)
{
	struct foreign_lock other;
	struct flock named;

	if (!named_against(fd, F_GETLK, range, &named) || named.l_pid != -1 ||
	    !converts_flock(fd) || !lasts(fd, F_GETLK, range, &named))
		return;
	if (!foreign_against(fd, range, &other)) {
		if (keeper_look(fd, range->type) != KEEPER_NONE)
			hazard_met_at(HAZARD_FAMILIES_MEET, fd,
				      "fcntl meets a flock that a keeper holds", 0);
	} else if (is_flock(&other)) {
		hazard_met_at(HAZARD_FAMILIES_MEET, fd, "fcntl meets the flock of another process",
			      0);
	}
}
