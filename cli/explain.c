/* SPDX-License-Identifier: MIT
 * Explain's answers as text: keys, values and where they came from. */
#include "cli/explain.h"
#include "cli/keys.h"
#include "cli/memory.h"

static const char *either(const char *text, const char *otherwise)
{
	return text ? text : otherwise;
}

static const char *found_file_system(const struct cli_explained *explained)
{
	return explained->file.mount_point;
}

static const char *found_path(const struct cli_explained *explained)
{
	return explained->file.facts.path;
}

static const char *found_fstype(const struct cli_explained *explained)
{
	return explained->file.facts.fstype;
}

const char *cli_explain_exported(enum policy_answer answer)
{
	static const char *const answers[] = { "not known", "no", "yes" };

	return answers[answer];
}

static const char *found_exported(const struct cli_explained *explained)
{
	return cli_explain_exported(explained->file.facts.exported);
}

static const char *found_program(const struct cli_explained *explained)
{
	return either(cli_explain_program(explained->process), "not given (--program)");
}

static const char *found_user(const struct cli_explained *explained)
{
	return cli_explain_user(explained->process);
}

static const char *found_service(const struct cli_explained *explained)
{
	return either(explained->process->facts.service, "not set (--service)");
}

static const char *(*const found[])(const struct cli_explained *explained) = {
	[POLICY_FILESYSTEM] = found_file_system, [POLICY_PATH] = found_path,
	[POLICY_FSTYPE] = found_fstype,          [POLICY_EXPORTED] = found_exported,
	[POLICY_PROGRAM] = found_program,        [POLICY_USER] = found_user,
	[POLICY_SERVICE] = found_service,
};

static const char *list_text(const struct policy_list *list)
{
	const char *text = "";

	for (size_t i = 0; i < list->count; i++) {
		const struct policy_item *item = &list->items[i];

		text = cli_memory_format("%s%s%s%s", text, i ? ", " : "", item->exclude ? "!" : "",
					 item->text);
	}
	return text;
}

struct cli_misfit cli_explain_misfit(const struct cli_explained *explained,
				     const struct policy_rule *rule)
{
	int match = policy_rule_misfit(rule, &explained->process->facts, &explained->file.facts);

	if (match < 0)
		return (struct cli_misfit){ .key = NULL };
	return (struct cli_misfit){
		.key = policy_key_of_match((enum policy_match)match)->name,
		.wanted = list_text(&rule->match[match]),
		.found = either(found[match](explained), "not known"),
	};
}

static bool is_the_process(enum policy_action action)
{
	return POLICY_PROCESS_ACTIONS & 1u << action;
}

const char *cli_explain_value(const struct cli_explained *explained, enum policy_action action)
{
	const struct policy *policy = explained->policy->policy;
	const struct policy_key *key = policy_key_of_action(action);
	const char *text = NULL;

	if (!is_the_process(action))
		return cli_keys_value(key, explained->verdict.actions->value[action], NULL);
	if (policy_kind_is_text(key->kind))
		text = policy_process_text(policy, action);
	return cli_keys_value(key, policy_process_value(policy, action), text);
}

/* The first of the rules bound to the process that has a line for ACTION, or NULL. */
static const struct policy_rule *rule_of_process(const struct policy *policy,
						 enum policy_action action)
{
	for (size_t i = 0; i < policy->bound_count; i++) {
		if (policy->bound[i]->action_line[action])
			return policy->bound[i];
	}
	return NULL;
}

static const char *variable_of(enum policy_action action)
{
	return action == POLICY_LOG || action == POLICY_LOG_TO ? "LOCKSHIM_LOG" : "LOCKSHIM_TRACE";
}

/* What the overlay and the variables set is set where no rule matches too, and nothing else is. A
 * variable's place goes over the rules', what it records lies under theirs. */
const char *cli_explain_origin(const struct cli_explained *explained, enum policy_action action)
{
	const struct policy *policy = explained->policy->policy;
	bool process = is_the_process(action), recorded = policy->recorded & 1u << action;
	const struct policy_rule *rule =
		process ? rule_of_process(policy, action) : explained->rule;

	if (recorded && process)
		return variable_of(action);
	if (policy->no_rule.set & 1u << action && !recorded)
		return explained->policy->overlay_name;
	if (rule && rule->action_line[action])
		return cli_memory_format("%s:%u", rule->file, rule->action_line[action]);
	return recorded ? variable_of(action) : "default";
}

const char *cli_explain_place(const struct policy_rule *rule)
{
	return cli_memory_format("%s:%u", rule->file, rule->line);
}

const char *cli_explain_program(const struct cli_process *process)
{
	return process->facts.executable ? process->facts.executable : process->facts.started_as;
}

const char *cli_explain_user(const struct cli_process *process)
{
	if (!process->user_name)
		return cli_memory_format("%u", process->facts.user);
	return cli_memory_format("%s (%u)", process->user_name, process->facts.user);
}

const char *cli_explain_device(uint64_t device)
{
	return cli_memory_format("%u:%u", (unsigned)(device >> 32), (unsigned)device);
}

void cli_explain_decide(struct cli_explained *explained)
{
	const struct policy *policy = explained->policy->policy;
	const struct cli_file *file = &explained->file;
	struct cli_verdict *verdict = &explained->verdict;

	verdict->actions = policy_decide(policy, &file->facts, &explained->rule);
	/* The object goes before the rule, as in the library. */
	verdict->passed =
		policy_treatment_passes(file->treatment, explained->rule) ? file->why : NULL;
	verdict->special = file->special;
	verdict->shadow = verdict->actions->value[POLICY_SHADOW];
	verdict->families = file->treatment == POLICY_PASS_ALWAYS
				    ? POLICY_FAMILY_NATIVE
				    : policy_families(policy, &file->facts);
}
