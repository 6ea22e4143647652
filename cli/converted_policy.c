/* SPDX-License-Identifier: MIT
 * Says nothing: what is wrong goes into the answer. */
#include "cli/converted_policy.h"
#include "cli/cli.h"
#include "cli/converted_as.h"
#include "cli/memory.h"
#include "cli/process.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

struct reading {
	const struct cli_proc *proc;
	const char *file;
	bool named;
	struct policy *policy;
	struct policy_error error;
};

static const char *variable(const struct cli_proc *proc, const char *name)
{
	return proc->secure ? NULL : cli_proc_variable(proc, name);
}

static const char *error_text(const struct policy_error *error)
{
	if (error->line)
		return cli_memory_format("%s:%u:%u: %s", error->file, error->line, error->column,
					 error->text);
	return cli_memory_format("%s: %s", error->file, error->text);
}

/* A process in another root may have another file by that name, and other includes. */
static bool is_our_file(const struct reading *reading)
{
	const char *theirs =
		cli_memory_format("/proc/%d/root%s", reading->proc->pid, reading->file);
	struct stat here, there;
	int none_here = stat(reading->file, &here), none_there = stat(theirs, &there);

	if (none_there && errno != ENOENT && errno != ENOTDIR)
		return false;
	if (none_here || none_there)
		return none_here && none_there;
	return here.st_dev == there.st_dev && here.st_ino == there.st_ino;
}

static int load_file(struct reading *reading)
{
	int error =
		cli_converted_load(reading->proc, reading->file, &reading->policy, &reading->error);

	if (error == -ENOENT && !reading->named)
		error = policy_empty(&reading->policy, &cli_memory_for_policy);
	return error;
}

static void record(struct reading *reading, enum policy_action action, const char *name)
{
	const char *where = variable(reading->proc, name);

	if (where && *where)
		policy_record(reading->policy, action, name, where, &cli_memory_for_policy,
			      &reading->error);
}

static int overlay(struct reading *reading)
{
	const char *set = variable(reading->proc, "LOCKSHIM_SET");

	record(reading, POLICY_TRACE, "LOCKSHIM_TRACE");
	record(reading, POLICY_LOG, "LOCKSHIM_LOG");
	if (!set)
		return 0;
	return policy_overlay(reading->policy, "LOCKSHIM_SET", set, strlen(set),
			      &cli_memory_for_policy, &reading->error);
}

static void bind_to(const struct reading *reading)
{
	const struct cli_proc *proc = reading->proc;
	struct policy_process process = {
		.executable = proc->executable,
		.started_as = proc->started_as,
		.argv0 = proc->argv0,
		.user = proc->user,
		.service = variable(proc, "LOCKSHIM_SERVICE"),
		.passwd = cli_process_passwd(),
	};

	process.passwd_len = strlen(process.passwd);
	policy_bind(reading->policy, &process);
}

static enum cli_converted_state state_under(const struct policy_actions *actions)
{
	if (policy_changes_calls(actions))
		return actions->value[POLICY_SHADOW] ? CLI_CONVERTED_SHADOW : CLI_CONVERTED_YES;
	if (actions->value[POLICY_ON_UNLOCK] || actions->value[POLICY_ON_LOCK])
		return CLI_CONVERTED_FLUSHES;
	if (actions->value[POLICY_TRACE] || actions->value[POLICY_LOG])
		return CLI_CONVERTED_RECORDS;
	return CLI_CONVERTED_PASSES;
}

enum cli_converted_state cli_converted_under(const struct policy *policy)
{
	enum cli_converted_state state = state_under(&policy->no_rule);

	for (size_t i = 0; i < policy->bound_count; i++) {
		enum cli_converted_state here = state_under(&policy->bound[i]->actions);

		state = here < state ? here : state;
	}
	return state;
}

static bool is_flocked(const struct policy_actions *actions)
{
	int value = actions->value[POLICY_FLOCK];

	return value == POLICY_FLOCK_PASS || value == POLICY_FLOCK_BOTH ||
	       actions->value[POLICY_SHADOW];
}

static bool meets_native(const struct policy *policy)
{
	bool meets = is_flocked(&policy->no_rule);

	for (size_t i = 0; i < policy->bound_count; i++)
		meets &= is_flocked(&policy->bound[i]->actions);
	return meets;
}

static bool is_younger(const char *file, double than)
{
	struct stat is;

	return !stat(file, &is) &&
	       (double)is.st_ctim.tv_sec + (double)is.st_ctim.tv_nsec / 1e9 > than;
}

/* A tick is the grain of a process' beginning; a rule's file is the main one or an include. */
static bool is_changed(const struct cli_converted *converted, const struct policy *policy)
{
	double than = cli_proc_began(&converted->proc) + 0.02;
	bool changed = is_younger(converted->policy_file, than);

	if (converted->published)
		return converted->hash != policy->hash;
	for (size_t i = 0; i < policy->rules_count; i++)
		changed |= is_younger(policy->rules[i]->file, than);
	return changed;
}

static void unknown(struct cli_converted *converted, const char *why)
{
	converted->state = CLI_CONVERTED_UNKNOWN;
	converted->trouble = why;
}

static void read_it(struct cli_converted *converted, struct reading *reading)
{
	bool broken = load_file(reading) || overlay(reading);

	if (broken) {
		converted->trouble = error_text(&reading->error);
		converted->state =
			is_younger(reading->file, cli_proc_began(&converted->proc) + 0.02)
				? CLI_CONVERTED_CHANGED
				: CLI_CONVERTED_BROKEN;
		return;
	}
	bind_to(reading);
	converted->state = cli_converted_under(reading->policy);
	converted->meets_native = meets_native(reading->policy);
	if (is_changed(converted, reading->policy)) {
		converted->state = CLI_CONVERTED_CHANGED;
		return;
	}
	converted->has_hash = true;
	converted->hash = reading->policy->hash;
}

/* As the library has it: 1 alone switches on. */
static bool is_disabled(const struct cli_proc *proc)
{
	const char *value = variable(proc, "LOCKSHIM_DISABLE");

	return value && !strcmp(value, "1");
}

/* Programs that write their title overwrite the environment behind it. */
static bool is_overwritten(const struct cli_proc *proc)
{
	return !proc->secure && !cli_proc_variable(proc, "LD_PRELOAD") &&
	       !cli_proc_variable(proc, "PATH");
}

void cli_converted_policy(struct cli_converted *converted)
{
	const struct cli_proc *proc = &converted->proc;
	struct reading reading = { .proc = proc };

	if (!proc->environment || is_overwritten(proc)) {
		unknown(converted, proc->environment ? "its environment was overwritten"
						     : "its environment is not to be read");
		return;
	}
	reading.file = variable(proc, "LOCKSHIM_POLICY");
	reading.named = reading.file;
	if (!reading.named)
		reading.file = LOCKSHIM_POLICY_FILE;
	converted->policy_file = reading.file;
	reading.error.file = reading.file;
	if (is_disabled(proc))
		converted->state = CLI_CONVERTED_DISABLED;
	else if (*reading.file == '/' && !is_our_file(&reading))
		unknown(converted, "its policy file lies in another root, or is not to be read");
	else
		read_it(converted, &reading);
}
