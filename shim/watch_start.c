/* SPDX-License-Identifier: MIT
 * What is set up at load where trace or log is wanted, in forked children, and at exit. */
#include <pthread.h>

#include "policy/sys.h"
#include "shim/log.h"
#include "shim/at_load.h"
#include "shim/log_to.h"
#include "shim/say.h"
#include "shim/trace_place.h"
#include "shim/watch_internal.h"
#include "shim/watch_range.h"

AT_LOAD static bool traces(const struct policy_actions *actions)
{
	return actions->value[POLICY_TRACE] != POLICY_RECORD_NO;
}

AT_LOAD static bool logs(const struct policy_actions *actions)
{
	return actions->value[POLICY_LOG] != POLICY_RECORD_NO;
}

static void trace_ended(const char *why, const char *directory)
{
	say_ending("trace: ", directory, ": ", why, "; no more is traced here", NULL);
}

static void start_trace(const struct policy *policy, const char *program)
{
	char place[TRACE_PLACE_ROOM];
	const char *named = policy_process_text(policy, POLICY_TRACE_DIRECTORY);
	const struct trace_setup setup = {
		.directory = named ? named : trace_place(place),
		.program = program,
		.bytes = policy_process_size(policy, POLICY_TRACE_SIZE),
		.full = policy_process_value(policy, POLICY_TRACE_FULL) ==
					POLICY_TRACE_FULL_OVERWRITE
				? TRACE_FULL_OVERWRITE
				: TRACE_FULL_STOP,
		.ended = trace_ended,
	};

	if (!setup.directory)
		say("trace: no directory to write to; name one by trace-directory or "
		    "LOCKSHIM_TRACE",
		    NULL);
	else
		(void)trace_writer_start(&setup);
}

/* Only root can come to where the directory is out of reach (another user, chroot). A child of a
 * process that locks is taken for one that will: its streams are made before. */
static bool locks;

static void before_fork(void)
{
	__atomic_store_n(&locks, trace_on() && watch_file_next(0) >= 0 && !syscall(SYS_geteuid),
			 __ATOMIC_RELAXED);
}

static void in_child(void)
{
	watch_range_forked();
	if (__atomic_load_n(&locks, __ATOMIC_RELAXED))
		trace_prepare();
}

AT_LOAD bool watch_wanted(const struct shim_state *state)
{
	return shim_may_choose(state->policy, traces) || shim_may_choose(state->policy, logs);
}

void watch_start(const struct shim_state *state, const char *program)
{
	const struct policy *policy = state->policy;

	if (shim_may_choose(policy, traces))
		start_trace(policy, program);
	if (shim_may_choose(policy, logs)) {
		log_to_heed(watch_locks_posix);
		log_start(policy_process_text(policy, POLICY_LOG_TO));
	}
	if ((!trace_on() && !log_on()) || !watch_file_start())
		return;
	watch_file_follow_forks();
	(void)pthread_atfork(before_fork, NULL, in_child);
	__atomic_store_n(&watch_is_wanted, true, __ATOMIC_RELEASE);
}

__attribute__((destructor)) AT_LOAD static void end(void)
{
	if (!watch_on())
		return;
	if (watch_file_is_own())
		watch_exit();
	trace_writer_end();
}
