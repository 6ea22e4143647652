/* SPDX-License-Identifier: MIT
 * The policy as the process has it, asked for the file of the lock. */
#include "cli/lock_table_policy.h"
#include "cli/converted.h"
#include "cli/converted_as.h"
#include "cli/memory.h"
#include "cli/mounts.h"
#include "cli/process.h"

#include <errno.h>
#include <string.h>

#define BIT(family) (1u << CLI_LOCK_##family)

static int overlay(struct policy *policy, const char *set, struct policy_error *error)
{
	return set ? policy_overlay(policy, "LOCKSHIM_SET", set, strlen(set),
				    &cli_memory_for_policy, error)
		   : 0;
}

/* NULL where it can't be had. */
static struct policy *load(const struct cli_converted *converted)
{
	const struct cli_proc *proc = &converted->proc;
	const char *passwd = cli_process_passwd();
	struct policy_process process = {
		.executable = proc->executable,
		.started_as = proc->started_as,
		.argv0 = proc->argv0,
		.user = proc->user,
		.service = proc->secure ? NULL : cli_proc_variable(proc, "LOCKSHIM_SERVICE"),
		.passwd = passwd,
		.passwd_len = strlen(passwd),
	};
	struct policy_error error;
	struct policy *policy;
	int result = cli_converted_load(proc, converted->policy_file, &policy, &error);

	if (result == -ENOENT)
		result = policy_empty(&policy, &cli_memory_for_policy);
	if (result ||
	    overlay(policy, proc->secure ? NULL : cli_proc_variable(proc, "LOCKSHIM_SET"), &error))
		return NULL;
	policy_bind(policy, &process);
	return policy;
}

void cli_lock_table_policy(struct cli_lock_process *process)
{
	struct cli_converted converted = { .seen = false };

	if (!cli_converted_look(process->pid, &converted) || !converted.library)
		return;
	process->preloaded = true;
	process->converts = converted.state == CLI_CONVERTED_YES ||
			    converted.state == CLI_CONVERTED_CHANGED ||
			    converted.state == CLI_CONVERTED_UNKNOWN;
	if (converted.state == CLI_CONVERTED_YES)
		process->policy = load(&converted);
}

static const struct policy_actions *decide(const struct cli_lock_process *process,
					   const struct cli_lock_row *row)
{
	static struct cli_mounts mounts;
	const struct cli_lock_file *on = &row->line.file;
	struct policy_file file = { .path = row->path,
				    .device = policy_device(on->major, on->minor) };
	struct policy_mount mount;
	uint64_t *devices;
	const struct policy_rule *rule;

	if (!mounts.text)
		cli_mounts_read(&mounts);
	devices = cli_memory_get((process->policy->filesystems_count + 1) * sizeof(*devices));
	policy_filesystem_devices(process->policy, mounts.text, mounts.len, devices);
	file.filesystem_device = devices;
	if (cli_mounts_of_device(&mounts, file.device, &mount))
		file.fstype = cli_memory_format("%.*s", (int)mount.fstype_len, mount.fstype);
	return policy_decide(process->policy, &file, &rule);
}

static struct cli_lock_origins origins_under(const struct policy_actions *actions)
{
	struct cli_lock_origins ret = { 0, BIT(POSIX) };
	unsigned families =
		policy_flock_families((enum policy_flock_value)actions->value[POLICY_FLOCK]);
	bool shadow = actions->value[POLICY_SHADOW];

	if (!shadow && families & POLICY_FAMILY_OFD)
		ret.ofd |= BIT(FLOCK);
	if (!shadow && families & POLICY_FAMILY_POSIX)
		ret.posix |= BIT(FLOCK);
	if (!shadow && actions->value[POLICY_FCNTL] == POLICY_FCNTL_OFD)
		ret.ofd |= BIT(POSIX);
	if (!shadow && actions->value[POLICY_OFD_CALLS] == POLICY_OFD_CALLS_POSIX)
		ret.posix |= BIT(OFD);
	else
		ret.ofd |= BIT(OFD);
	return ret;
}

static struct cli_lock_origins origins_of(const struct cli_lock_process *process,
					  const struct cli_lock_row *row)
{
	if (!process->preloaded)
		return (struct cli_lock_origins){ 0, 0 };
	if (!process->converts)
		return (struct cli_lock_origins){ BIT(OFD), BIT(POSIX) };
	if (!process->policy)
		return (struct cli_lock_origins){ BIT(FLOCK) | BIT(POSIX) | BIT(OFD),
						  BIT(FLOCK) | BIT(POSIX) | BIT(OFD) };
	return origins_under(decide(process, row));
}

struct cli_lock_origins cli_lock_table_origins(const struct cli_lock_row *row)
{
	struct cli_lock_origins ret = { 0, 0 };

	for (size_t i = 0; i < row->holders_count; i++) {
		struct cli_lock_origins of = origins_of(row->holders[i].process, row);

		ret.ofd |= of.ofd;
		ret.posix |= of.posix;
	}
	return ret;
}
