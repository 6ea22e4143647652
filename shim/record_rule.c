/* SPDX-License-Identifier: MIT
 * A table from the policy's word to what is done. Compiled without 64-bit offsets, as its callers.
 */
#include "shim/record_rule.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "shim/decide.h"
#include "shim/flush.h"
#include "shim/hazard_posix.h"
#include "shim/mixed.h"
#include "shim/next.h"
#include "shim/note.h"
#include "shim/ofd_commands.h"
#include "shim/own_ofd.h"
#include "shim/range.h"
#include "shim/record_argument.h"
#include "shim/watch.h"

#if defined(F_SETLK64) && F_SETLK64 != F_SETLK
#define POSIX_GET F_GETLK64
#define POSIX_SET F_SETLK64
#define POSIX_WAIT F_SETLKW64
#else
#define POSIX_GET F_GETLK
#define POSIX_SET F_SETLK
#define POSIX_WAIT F_SETLKW
#endif

static int answer(int result)
{
	if (result >= 0)
		return 0;
	errno = -result;
	return -1;
}

static int call_next(const struct record_call *call)
{
	return call->next_fcntl(call->fd, call->command, call->argument);
}

/* As a POSIX lock, beside what flock became. */
static int call_posix(const struct record_call *call)
{
	return fcntl_lock(call->next_fcntl, call->kind, call->fd, call->command, call->argument);
}

/* As a POSIX lock where flock passes. */
static int call_native(const struct record_call *call)
{
	struct record_argument asked;
	int result = call_next(call);

	if (!result && call->kind != FCNTL_GET && hazard_posix_watched() &&
	    record_argument_read(call->command, call->argument, &asked))
		hazard_posix_recorded(call->fd, asked.type);
	return result;
}

static int fcntl_pass(const struct shim_state *state, const struct policy_actions *actions,
		      const struct record_call *call)
{
	(void)actions;
	return !state->active || state->passes_all ? call_native(call) : call_posix(call);
}

/* False where the kernel has an error for it, or no error and no lock. */
static bool read_range(const struct record_call *call, struct record_argument *ret_asked,
		       struct mixed_range *ret)
{
	if (!record_argument_read(call->command, call->argument, ret_asked))
		return false;
	ret->type = ret_asked->type;
	return (ret->type == F_RDLCK || ret->type == F_WRLCK || ret->type == F_UNLCK) &&
	       mixed_range_of(call->fd, ret_asked->whence, ret_asked->start, ret_asked->length,
			      ret);
}

static int write_found(const struct record_call *call, const struct foreign_lock *found)
{
	const struct mixed_range *range = &found->range;
	struct record_argument told = {
		.type = range->type,
		.whence = SEEK_SET,
		.start = range->start,
		.length = range->end == MIXED_EOF ? 0 : range->end - range->start + 1,
		.pid = found->pid,
	};

	return record_argument_write(call->command, call->argument, &told) ? 0 : -EOVERFLOW;
}

/* The kernel first, who has the errors; what it finds may be our own. */
static int get_by_ofd(const struct record_call *call)
{
	struct record_argument asked, found;
	struct foreign_lock foreign;
	struct mixed_range range;
	int saved = errno;

	if (!read_range(call, &asked, &range))
		return call_next(call);
	if (call_next(call))
		return -1;
	if (!record_argument_read(call->command, call->argument, &found) || found.type == F_UNLCK)
		return 0;
	errno = saved;
	if (range_get(call->fd, &range, &foreign))
		return answer(write_found(call, &foreign));
	asked.type = F_UNLCK;
	(void)record_argument_write(call->command, call->argument, &asked);
	return 0;
}

static int fcntl_by_ofd(const struct shim_state *state, const struct policy_actions *actions,
			const struct record_call *call)
{
	struct record_argument asked;
	struct mixed_range range;
	int result;

	(void)state;
	(void)actions;
	if (call->kind == FCNTL_GET)
		return get_by_ofd(call);
	if (!read_range(call, &asked, &range))
		return call_next(call);
	result = range_set(call->fd, range, call->kind == FCNTL_WAIT);
	if (!result)
		watch_became(TRACE_FAMILY_OFD);
	return result == RANGE_POSIX ? call_posix(call) : answer(result);
}

/* What the kernel would refuse whatever is locked: asked without locking. 0 or -1 with errno. */
static int refused_anyway(const struct record_call *call)
{
	char copy[RECORD_ARGUMENT_MAX] __attribute__((aligned(8)));
	struct record_argument asked;
	int flags;

	if (!record_argument_read(call->command, call->argument, &asked))
		return call_next(call);
	/* Where a foreign lock lies must not matter: 32-bit has a layout for any. */
	memset(copy, 0, sizeof copy);
	(void)record_argument_write(POSIX_GET, copy, &asked);
	if (call->next_fcntl(call->fd, call->ofd ? F_OFD_GETLK : POSIX_GET, copy))
		return -1;
	flags = call->next_fcntl(call->fd, F_GETFL);
	if (flags < 0)
		return -1;
	flags &= O_ACCMODE;
	if (flags == (asked.type == F_WRLCK ? O_RDONLY : O_WRONLY))
		return answer(-EBADF);
	return 0;
}

/* An unlock is still made, and a question still asked. */
static bool takes_no_lock(const struct record_call *call)
{
	struct record_argument asked;

	return call->kind == FCNTL_GET ||
	       !record_argument_read(call->command, call->argument, &asked) ||
	       asked.type == F_UNLCK;
}

static int record_succeed(const struct shim_state *state, const struct policy_actions *actions,
			  const struct record_call *call)
{
	(void)state;
	(void)actions;
	if (takes_no_lock(call))
		return call_next(call);
	watch_became(0);
	return refused_anyway(call);
}

static int record_fail(const struct shim_state *state, const struct policy_actions *actions,
		       const struct record_call *call)
{
	(void)state;
	if (takes_no_lock(call))
		return call_next(call);
	return refused_anyway(call) ? -1 : answer(-actions->value[POLICY_FAIL_ERRNO]);
}

static int ofd_pass(const struct shim_state *state, const struct policy_actions *actions,
		    const struct record_call *call)
{
	(void)state;
	(void)actions;
	ofd_note_program();
	return call_next(call);
}

/* l_pid has to be 0: the kernel has the error. */
static int ofd_by_posix(const struct shim_state *state, const struct policy_actions *actions,
			const struct record_call *call)
{
	static const int commands[] = {
		[FCNTL_GET] = POSIX_GET,
		[FCNTL_SET] = POSIX_SET,
		[FCNTL_WAIT] = POSIX_WAIT,
	};
	struct record_call moved = *call;
	struct record_argument asked;
	struct mixed_range range;
	bool watched, beside;
	int result;

	if (!record_argument_read(call->command, call->argument, &asked) || asked.pid)
		return call_next(call);
	watched = hazard_posix_watched() && call->kind != FCNTL_GET &&
		  read_range(call, &asked, &range);
	beside = watched && hazard_posix_asking(call->fd, &range);
	moved.command = commands[call->kind];
	moved.ofd = false;
	watch_became(TRACE_FAMILY_POSIX);
	result = fcntl_pass(state, actions, &moved);
	if (!result && call->kind != FCNTL_GET)
		note_mark(call->fd, MARK_POSIX_CALLS);
	if (!result && watched)
		hazard_posix_asked(call->fd, &range, beside);
	return result;
}

typedef int record_action(const struct shim_state *state, const struct policy_actions *actions,
			  const struct record_call *call);

static record_action *const fcntl_actions[] = {
	[POLICY_FCNTL_PASS] = fcntl_pass,
	[POLICY_FCNTL_OFD] = fcntl_by_ofd,
	[POLICY_FCNTL_SUCCEED] = record_succeed,
	[POLICY_FCNTL_FAIL] = record_fail,
};

static record_action *const ofd_actions[] = {
	[POLICY_OFD_CALLS_PASS] = ofd_pass,
	[POLICY_OFD_CALLS_POSIX] = ofd_by_posix,
	[POLICY_OFD_CALLS_SUCCEED] = record_succeed,
	[POLICY_OFD_CALLS_FAIL] = record_fail,
};

/* NULL: what a rule asks of the file can't be learned, and no lock is taken; -EBADF is the kernel's
 * to say. */
static int decide(const struct shim_state *state, int fd, const struct policy_actions **ret)
{
	struct decision made;
	int error = decide_lock(state, fd, &made);

	*ret = error ? NULL : made.calls;
	return error == -EBADF ? 0 : error;
}

/* Nothing hangs on the file, and it was no other object when the last lock was taken. */
static bool is_known(const struct shim_state *state, const struct record_call *call)
{
	return state->constant && !call->ofd && note_marks(call->fd) & MARK_RANGES;
}

static record_action *action_of_grant(const struct record_call *call)
{
	unsigned marks = note_marks(call->fd);

	if (call->ofd)
		return marks & MARK_POSIX_CALLS ? ofd_by_posix : NULL;
	return marks & MARK_RANGES ? fcntl_by_ofd : NULL;
}

static bool is_unlock(const struct record_call *call)
{
	struct record_argument asked;

	return call->kind != FCNTL_GET &&
	       record_argument_read(call->command, call->argument, &asked) && asked.type == F_UNLCK;
}

static int by_rule(const struct shim_state *state, const struct record_call *call,
		   record_action *done)
{
	const struct policy_actions *actions = state->constant;
	int error = is_known(state, call) ? 0 : decide(state, call->fd, &actions);
	record_action *action;

	if (error && !takes_no_lock(call))
		return answer(error);
	if (error || !actions)
		return call_next(call);
	action = call->ofd ? ofd_actions[actions->value[POLICY_OFD_CALLS]]
			   : fcntl_actions[actions->value[POLICY_FCNTL]];
	return action == done ? 0 : action(state, actions, call);
}

/* An unlock goes where the lock went, and be the rule another by now (the path changed, or can't be
 * had); and where the rule says. */
static int fcntl_decided(const struct shim_state *state, const struct record_call *call)
{
	record_action *granted = is_unlock(call) ? action_of_grant(call) : NULL;
	int result = granted ? granted(state, state->constant, call) : 0;

	if (granted && (result || state->constant))
		return result;
	return by_rule(state, call, granted);
}

/* What is done before a record lock is let go, and once one was granted. */
static int fcntl_around(const struct shim_state *state, const struct record_call *call)
{
	struct record_argument asked;
	struct flush_record record = { .fd = call->fd, .ofd = call->ofd };
	int result;

	if (call->kind == FCNTL_GET || !record_argument_read(call->command, call->argument, &asked))
		return fcntl_decided(state, call);
	record.type = asked.type;
	record.whole = asked.whence == SEEK_SET && !asked.start && !asked.length;
	flush_before_record(&record);
	result = fcntl_decided(state, call);
	return result ? result : answer(flush_record_done(&record));
}

int record_rule_fcntl(const struct shim_state *state, const struct record_call *call)
{
	return state->flushes ? fcntl_around(state, call) : fcntl_decided(state, call);
}

static int lockf_pass(const struct shim_state *state, int fd, int command, int64_t len)
{
	int result;

	if (state->active && !state->passes_all)
		return fcntl_lockf(NEXT(lockf64), fd, command, len);
	result = NEXT(lockf64)(fd, command, len);
	if (!result && command != F_TEST && hazard_posix_watched())
		hazard_posix_recorded(fd, command == F_ULOCK ? F_UNLCK : F_WRLCK);
	return result;
}

static int lockf_test(int fd, int64_t len, const struct mixed_range *range)
{
	struct foreign_lock foreign;
	int saved = errno, result = NEXT(lockf64)(fd, F_TEST, len);

	if (!result || (errno != EACCES && errno != EAGAIN))
		return result;
	if (range_get(fd, range, &foreign))
		return answer(-EACCES);
	errno = saved;
	return 0;
}

static int lockf_by_ofd(int fd, int command, int64_t len)
{
	struct mixed_range range = { .type = command == F_ULOCK ? F_UNLCK : F_WRLCK };
	int result;

	if ((command != F_LOCK && command != F_TLOCK && command != F_ULOCK && command != F_TEST) ||
	    !mixed_range_of(fd, SEEK_CUR, 0, len, &range))
		return NEXT(lockf64)(fd, command, len);
	if (command == F_TEST) {
		range.type = F_RDLCK;
		return lockf_test(fd, len, &range);
	}
	result = range_set(fd, range, command == F_LOCK);
	if (!result)
		watch_became(TRACE_FAMILY_OFD);
	return result == RANGE_POSIX ? fcntl_lockf(NEXT(lockf64), fd, command, len)
				     : answer(result);
}

/* succeed and fail know fcntl's argument. */
static int lockf_answered(const struct shim_state *state, const struct policy_actions *actions,
			  int fd, int command, int64_t len)
{
	struct record_argument asked = { .type = F_WRLCK, .whence = SEEK_CUR, .length = len };
	char argument[RECORD_ARGUMENT_MAX] __attribute__((aligned(8)));
	const struct record_call call = {
		.next_fcntl = NEXT(fcntl64),
		.kind = command == F_LOCK ? FCNTL_WAIT : FCNTL_SET,
		.fd = fd,
		.command = POSIX_SET,
		.argument = argument,
	};

	if (command != F_LOCK && command != F_TLOCK)
		return NEXT(lockf64)(fd, command, len);
	memset(argument, 0, sizeof argument);
	(void)record_argument_write(POSIX_SET, argument, &asked);
	return fcntl_actions[actions->value[POLICY_FCNTL]](state, actions, &call);
}

static int lockf_decided(const struct shim_state *state, int fd, int command, int64_t len)
{
	const struct policy_actions *actions;
	int error, result;

	if (command == F_ULOCK && note_marks(fd) & MARK_RANGES) {
		result = lockf_by_ofd(fd, command, len);
		if (result || state->constant)
			return result;
	}
	error = decide(state, fd, &actions);
	if (error && (command == F_LOCK || command == F_TLOCK))
		return answer(error);
	if (error || !actions)
		return NEXT(lockf64)(fd, command, len);
	switch (actions->value[POLICY_FCNTL]) {
	case POLICY_FCNTL_PASS:
		return lockf_pass(state, fd, command, len);
	case POLICY_FCNTL_OFD:
		return lockf_by_ofd(fd, command, len);
	default:
		return lockf_answered(state, actions, fd, command, len);
	}
}

static int lockf_around(const struct shim_state *state, int fd, int command, int64_t len)
{
	struct flush_record record = { .fd = fd, .type = command == F_ULOCK ? F_UNLCK : F_WRLCK };
	struct mixed_range range;
	int result;

	if (command != F_LOCK && command != F_TLOCK && command != F_ULOCK)
		return lockf_decided(state, fd, command, len);
	record.whole = mixed_range_of(fd, SEEK_CUR, 0, len, &range) && !range.start &&
		       range.end == MIXED_EOF;
	flush_before_record(&record);
	result = lockf_decided(state, fd, command, len);
	return result ? result : answer(flush_record_done(&record));
}

int record_rule_lockf(const struct shim_state *state, int fd, int command, int64_t len)
{
	return state->flushes ? lockf_around(state, fd, command, len)
			      : lockf_decided(state, fd, command, len);
}
