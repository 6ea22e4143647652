/* SPDX-License-Identifier: MIT
 * Checks made as the service: what it may read and write, what it runs, what it may call. */
#include "cli/converted.h"
#include "cli/elf.h"
#include "cli/keeper.h"
#include "cli/library.h"
#include "cli/load.h"
#include "cli/memory.h"
#include "cli/process.h"
#include "cli/unit_paths.h"
#include "cli/unit_plan.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* 0, or why the loader would leave it out. */
static int library_error(const char *library)
{
	int fd = open(library, O_RDONLY | O_NONBLOCK | O_CLOEXEC), rc;
	struct cli_elf elf;

	if (fd < 0)
		return errno;
	rc = cli_elf_read(fd, &elf);
	close(fd);
	return -rc;
}

static unsigned check_library(const struct cli_unit_plan *plan)
{
	int error;

	if (!plan->library || plan->library_from)
		return 0;
	error = library_error(plan->library);
	if (error == ENOEXEC)
		cli_unit_refuse(plan->library,
				"is no ELF object, and the loader would go on without it; name the "
				"library with --library");
	else if (error)
		cli_unit_refuse(plan->library,
				"the service cannot read the library: %s; install it there, "
				"readable for all, or name it with --library",
				strerror(error));
	return error != 0;
}

void cli_unit_set_environment(const struct cli_unit_plan *plan)
{
	static const char *const ours[] = { "LOCKSHIM_POLICY", "LOCKSHIM_SET", "LOCKSHIM_LOG",
					    "LOCKSHIM_TRACE" };

	for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++)
		unsetenv(ours[i]);
	if (plan->set)
		setenv("LOCKSHIM_SET", plan->set, 1);
	if (plan->trace)
		setenv("LOCKSHIM_TRACE", plan->trace, 1);
}

static void bind_to_service(const struct cli_unit_plan *plan, struct policy *policy)
{
	const char *passwd = cli_process_passwd();
	struct policy_process process = {
		.user = geteuid(),
		.service = plan->service,
		.passwd = passwd,
		.passwd_len = strlen(passwd),
	};

	policy_bind(policy, &process);
}

/* A rule with a program is left to the programs. */
static bool does_anything(const struct policy *policy)
{
	bool does = cli_converted_under(policy) != CLI_CONVERTED_PASSES;

	for (size_t i = 0; i < policy->rules_count; i++)
		does |= policy->rules[i]->match_set & 1u << POLICY_PROGRAM;
	return does;
}

static unsigned check_policy(const struct cli_unit_plan *plan, struct cli_policy *policy)
{
	const struct cli_texts none = { 0 };

	const char *from = plan->policy_from;

	if (from && (strcmp(from, plan->policy) != 0 || access(plan->policy, F_OK))) {
		cli_unit_warn(plan->policy, "comes by a bind mount, and is not looked at");
		return policy_empty(&policy->policy, &cli_memory_for_policy) != 0;
	}
	cli_unit_set_environment(plan);
	if (cli_load(policy, plan->policy, &none) != CLI_OK) {
		cli_unit_refuse(plan->unit->name,
				"under this policy every call of the service would "
				"pass; see lockshim check");
		return 1;
	}
	if (policy->missing && !plan->set && !plan->trace) {
		cli_unit_refuse(policy->file, "not there: no call would be changed; write it, or "
					      "name a policy with --policy FILE");
		return 1;
	}
	bind_to_service(plan, policy->policy);
	if (!does_anything(policy->policy))
		cli_unit_warn(policy->file, "no rule is for service %s: every call passes",
			      plan->service);
	return 0;
}

/* Places that the policy names; they are left out in silence where they can't be written. */
static unsigned check_places(const struct cli_unit_plan *plan, const struct policy *policy)
{
	static const enum policy_action actions[] = { POLICY_TRACE_DIRECTORY, POLICY_LOG_TO,
						      POLICY_STATE_DIR };

	for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++) {
		const char *path = policy_process_text(policy, actions[i]), *by = NULL;

		if (!path || *path != '/' || (actions[i] == POLICY_TRACE_DIRECTORY && plan->trace))
			continue;
		if (cli_unit_see(plan->unit, path, &by) != CLI_UNIT_WRITABLE)
			cli_unit_warn(by,
				      "the policy's %s, %s, is not to be written, or another one "
				      "than others see; ReadWritePaths=%s opens it",
				      policy_key_of_action(actions[i])->name, path, path);
	}
	return 0;
}

static bool is_good_trace(const char *path)
{
	struct stat is;
	const char *slash = strrchr(path, '/');

	if (!lstat(path, &is))
		return S_ISDIR(is.st_mode) &&
		       (is.st_uid == geteuid()
				? !(is.st_mode & 077) || (is.st_mode & 01777) == 01777
				: !is.st_uid && (is.st_mode & 01777) == 01777);
	return !access(slash == path ? "/" : cli_memory_format("%.*s", (int)(slash - path), path),
		       W_OK | X_OK);
}

static unsigned check_trace(const struct cli_unit_plan *plan)
{
	struct stat is;

	/* ReadWritePaths= of what is not there would keep the service from starting. */
	if (!plan->trace ||
	    (is_good_trace(plan->trace) && (!plan->opens_trace || !lstat(plan->trace, &is))))
		return 0;
	cli_unit_refuse(plan->trace,
			"the service could not write a trace there; make it: install -d "
			"-m 0700 -o %u %s",
			(unsigned)geteuid(), plan->trace);
	return 1;
}

unsigned cli_unit_check_inside(const struct cli_unit_plan *plan)
{
	const struct cli_library library = { plan->preload, plan->library,
					     !plan->library || strchr(plan->preload, '$') };
	struct cli_policy policy = { .policy = NULL };
	unsigned refused = check_library(plan) + cli_unit_check_programs(plan) + check_trace(plan);

	if (check_policy(plan, &policy))
		return refused + 1;
	cli_keeper_warn(policy.policy, &library);
	return refused + cli_unit_check_calls(plan, policy.policy) +
	       check_places(plan, policy.policy);
}
