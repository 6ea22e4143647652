/* SPDX-License-Identifier: MIT
 * What is set up at load where trace or log is wanted, in forked children, and at exit. */
#include <errno.h>
#include <pthread.h>
#include <string.h>

#include "policy/sys.h"
#include "shim/log.h"
#include "shim/log_to.h"
#include "shim/note.h"
#include "shim/say.h"
#include "shim/trace_place.h"
#include "shim/watch_internal.h"
#include "shim/watch_range.h"
#include "trace/writer.h"

/* Whether a rule that can decide in this process says more than "no". */
static bool is_asked(const struct policy *policy, enum policy_action action)
{
	bool asked = policy->no_rule.value[action] != POLICY_RECORD_NO;
	size_t i;

	for (i = 0; i < policy->bound_count; i++)
		asked |= policy->bound[i]->actions.value[action] != POLICY_RECORD_NO;
	return asked;
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

bool watch_wanted(const struct shim_state *state)
{
	return is_asked(state->policy, POLICY_TRACE) || is_asked(state->policy, POLICY_LOG);
}

void watch_start(const struct shim_state *state, const char *program)
{
	const struct policy *policy = state->policy;

	if (is_asked(policy, POLICY_TRACE))
		start_trace(policy, program);
	if (is_asked(policy, POLICY_LOG)) {
		log_to_heed(watch_locks_posix);
		log_start(policy_process_text(policy, POLICY_LOG_TO));
	}
	if ((!trace_on() && !log_on()) || !watch_file_start())
		return;
	watch_file_follow_forks();
	(void)pthread_atfork(before_fork, NULL, in_child);
	__atomic_store_n(&watch_is_wanted, true, __ATOMIC_RELEASE);
}

__attribute__((destructor)) static void end(void)
{
	if (!watch_on())
		return;
	if (watch_file_is_own())
		watch_exit();
	trace_writer_end();
}
