/* SPDX-License-Identifier: MIT
 * What is set up at load where trace or log is wanted, in forked children, and at exit. */
#include <errno.h>
#include <pthread.h>
#include <string.h>

#include "policy/sys.h"
#include "shim/log.h"
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

/* Only root can come to where the directory is out of reach (another user, chroot): its streams are
 * made before. */
static void prepare(void)
{
	if (trace_on() && syscall(SYS_geteuid) == 0)
		trace_prepare();
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
	else if (trace_writer_start(&setup))
		prepare();
}

static void in_child(void)
{
	watch_range_forked();
	prepare();
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
	if (is_asked(policy, POLICY_LOG))
		log_start(policy_process_text(policy, POLICY_LOG_TO));
	if ((!trace_on() && !log_on()) || !watch_file_start())
		return;
	watch_file_follow_forks();
	(void)pthread_atfork(NULL, NULL, in_child);
	__atomic_store_n(&watch_is_wanted, true, __ATOMIC_RELEASE);
}

__attribute__((destructor)) static void end(void)
{
	if (!watch_on())
		return;
	watch_exit();
	trace_writer_end();
}
