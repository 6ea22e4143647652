/* SPDX-License-Identifier: MIT
 * What is in a process, what could be, what it holds, and who else uses its files. */
#include "cli/doctor_process.h"
#include "cli/doctor_calls.h"
#include "cli/doctor_judge.h"
#include "cli/escape.h"
#include "cli/memory.h"
#include "cli/program.h"
#include "cli/reach.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static void tell(void *context, const char *file, const char *why)
{
	struct cli_doctor *doctor = context;

	cli_doctor_say(&doctor->problems, "%s: %s", cli_escape(file), why);
}

void cli_doctor_reach(const char *file, const struct cli_library *library,
		      struct cli_doctor *doctor)
{
	struct cli_program program;

	cli_reach_each(file, library, tell, doctor);
	cli_program_follow(file, &program);
	for (size_t i = 0; i < program.count; i++) {
		const char *calls = cli_calls_past_libc(program.steps[i].file);

		if (calls)
			cli_doctor_say(&doctor->problems,
				       "%s: its code calls the kernel's %s past libc: such calls "
				       "stay as they are",
				       cli_escape(program.steps[i].file), calls);
	}
}

static const char *library_text(const struct cli_converted *who)
{
	if (!who->seen)
		return "not to be seen; root sees it";
	if (!who->library)
		return "not in it";
	return who->replaced ? cli_memory_format("%s, replaced since", who->library) : who->library;
}

static void add_facts(const struct cli_converted *who, struct cli_doctor *doctor)
{
	const struct cli_proc *proc = &who->proc;

	cli_doctor_fact(doctor, "process",
			cli_memory_format("%s[%d]", cli_escape(proc->name), proc->pid));
	cli_doctor_fact(doctor, "executable", proc->executable);
	cli_doctor_fact(doctor, "service", cli_converted_service(who));
	cli_doctor_fact(doctor, "user", cli_memory_format("%u", proc->user));
	cli_doctor_fact(doctor, "library", library_text(who));
	if (!who->library)
		return;
	cli_doctor_fact(doctor, "state", cli_converted_word(who->state));
	cli_doctor_fact(doctor, "policy", who->policy_file);
	if (who->has_hash)
		cli_doctor_fact(doctor, "policy hash",
				cli_memory_format("%016" PRIx64 "%s", who->hash,
						  who->published ? ", published" : ""));
}

/* What a state means for who asked; NULL: all is as it should be. */
static const struct judgement {
	const char *problem, *note, *advice;
} judgements[] = {
	[CLI_CONVERTED_NO] = { "the library is not in it: its locks are as the kernel has them",
			       NULL, "lockshim enable SERVICE, or start it by lockshim run" },
	[CLI_CONVERTED_SHADOW] = { NULL, "shadow = yes: nothing is changed yet", NULL },
	[CLI_CONVERTED_PASSES] = { NULL, "no rule of its policy is for it: every call passes",
				   NULL },
	[CLI_CONVERTED_DISABLED] = { "LOCKSHIM_DISABLE=1: every call passes", NULL,
				     "take LOCKSHIM_DISABLE out of its environment, and restart "
				     "it" },
	[CLI_CONVERTED_BROKEN] = { "its policy is broken: every call passes", NULL,
				   "mend the policy, see lockshim check; then restart it" },
	[CLI_CONVERTED_CHANGED] = { "its policy changed since it began: it goes on under the "
				    "earlier text",
				    NULL, "restart it, and all others that use its files" },
	[CLI_CONVERTED_UNKNOWN] = { NULL, "its policy is not known", NULL },
};

static void judge(const struct cli_converted *who, struct cli_doctor *doctor)
{
	const struct judgement *judgement = &judgements[who->state];

	if (!who->seen) {
		cli_doctor_add(&doctor->problems, "it may not be looked into; root may");
		return;
	}
	if (who->state < sizeof(judgements) / sizeof(judgements[0]) && judgement->problem)
		cli_doctor_add(&doctor->problems, judgement->problem);
	if (judgement->note)
		cli_doctor_add(&doctor->notes, judgement->note);
	if (judgement->advice)
		cli_doctor_add(&doctor->advice, judgement->advice);
	if (who->trouble)
		cli_doctor_say(&doctor->notes, "%s", cli_escape(who->trouble));
	if (who->library && who->replaced)
		cli_doctor_add(&doctor->problems,
			       "it runs an earlier build of the library: restart it to have the "
			       "installed one");
}

static void add_users(int pid, struct cli_doctor *doctor)
{
	struct cli_users *users = cli_memory_get(sizeof(*users));
	struct cli_users *locks = cli_memory_get(sizeof(*locks));
	struct cli_wanted wanted = { .below = NULL };

	cli_users_locks_of(pid, locks);
	cli_users_files_of(pid, &wanted);
	cli_users_find(&wanted, 0, users);
	doctor->locks = locks;
	doctor->users = users;
	cli_doctor_judge_users(users, pid, doctor);
}

bool cli_doctor_pid(int pid, struct cli_doctor *ret)
{
	const struct cli_library anywhere = { .for_any = true };
	struct cli_converted *who = cli_memory_get(sizeof(*who));

	*ret = (struct cli_doctor){ .subject = cli_memory_format("process %d", pid) };
	if (!cli_converted_look(pid, who))
		return false;
	add_facts(who, ret);
	judge(who, ret);
	/* Through /proc, since its own root may not be ours. */
	if (who->proc.executable)
		cli_doctor_reach(cli_memory_format("/proc/%d/exe", pid), &anywhere, ret);
	if (who->seen)
		add_users(pid, ret);
	return true;
}

void cli_doctor_command(const char *file, const struct cli_library *library,
			const struct cli_explained *explained, struct cli_doctor *ret)
{
	const struct cli_policy *policy = explained->policy;
	char *full = realpath(file, NULL);

	*ret = (struct cli_doctor){ .subject = cli_memory_format("command %s", file) };
	cli_doctor_fact(ret, "executable", full ? cli_memory_format("%s", full) : file);
	cli_doctor_fact(ret, "library", library->preload);
	cli_doctor_fact(ret, "policy",
			policy->missing ? cli_memory_format("%s: not there", policy->file)
					: policy->file);
	cli_doctor_fact(ret, "policy hash", cli_memory_format("%016" PRIx64, policy->policy->hash));
	free(full);
	if (cli_converted_under(policy->policy) == CLI_CONVERTED_PASSES)
		cli_doctor_add(&ret->notes, "no rule of the policy is for it: every call passes");
	cli_doctor_reach(file, library, ret);
}
