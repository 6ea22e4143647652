/* SPDX-License-Identifier: MIT
 * Explain's answer for programs: the same facts as the text has. */
#include "cli/explain.h"

static void print_process(const struct cli_process *process, struct cli_json *json)
{
	cli_json_open(json, "process", '{');
	cli_json_text(json, "program", cli_explain_program(process));
	cli_json_text(json, "service", process->facts.service);
	cli_json_text(json, "user", process->user_name);
	cli_json_number(json, "uid", process->facts.user);
	cli_json_close(json, '}');
}

static void print_place(const struct policy_rule *rule, struct cli_json *json)
{
	cli_json_text(json, "name", rule->name);
	cli_json_text(json, "file", rule->file);
	cli_json_number(json, "line", rule->line);
}

static void print_rule(const struct policy_rule *rule, struct cli_json *json)
{
	if (!rule) {
		cli_json_text(json, "rule", NULL);
		return;
	}
	cli_json_open(json, "rule", '{');
	print_place(rule, json);
	cli_json_close(json, '}');
}

static void print_earlier(const struct cli_explained *explained, struct cli_json *json)
{
	const struct policy *policy = explained->policy->policy;

	cli_json_open(json, "earlier", '[');
	for (size_t i = 0; i < policy->rules_count && policy->rules[i] != explained->rule; i++) {
		struct cli_misfit misfit = cli_explain_misfit(explained, policy->rules[i]);

		cli_json_open(json, NULL, '{');
		print_place(policy->rules[i], json);
		cli_json_text(json, "key", misfit.key);
		cli_json_text(json, "wanted", misfit.wanted);
		cli_json_text(json, "found", misfit.found);
		cli_json_close(json, '}');
	}
	cli_json_close(json, ']');
}

static void print_actions(const struct cli_explained *explained, struct cli_json *json)
{
	cli_json_open(json, "actions", '[');
	for (int i = 0; i < POLICY_ACTION_COUNT; i++) {
		enum policy_action action = (enum policy_action)i;

		cli_json_open(json, NULL, '{');
		cli_json_text(json, "key", policy_key_of_action(action)->name);
		cli_json_text(json, "value", cli_explain_value(explained, action));
		cli_json_text(json, "from", cli_explain_origin(explained, action));
		cli_json_close(json, '}');
	}
	cli_json_close(json, ']');
}

static void print_calls(const struct cli_explained *explained, struct cli_json *json)
{
	cli_json_open(json, "calls", '[');
	for (size_t i = 0; i < cli_calls_count; i++) {
		const char *becomes;
		bool changed;

		if (!(explained->calls & 1u << i))
			continue;
		becomes = cli_calls_becomes(&cli_calls[i], &explained->verdict, &changed);
		cli_json_open(json, NULL, '{');
		cli_json_text(json, "call", cli_calls[i].name);
		cli_json_text(json, "becomes", becomes);
		cli_json_bool(json, "changed", changed);
		cli_json_close(json, '}');
	}
	cli_json_close(json, ']');
}

void cli_explain_print_json(const struct cli_explained *explained, struct cli_json *json)
{
	const struct cli_file *file = &explained->file;

	cli_json_open(json, NULL, '{');
	cli_json_text(json, "file", file->asked);
	cli_json_bool(json, "exists", file->exists);
	cli_json_text(json, "path", file->facts.path);
	cli_json_text(json, "fstype", file->facts.fstype);
	cli_json_text(json, "exported", cli_explain_exported(file->facts.exported));
	cli_json_text(json, "mount-point", file->mount_point);
	cli_json_text(json, "device", cli_explain_device(file->facts.device));
	print_process(explained->process, json);
	cli_json_text(json, "policy", explained->policy->missing ? NULL : explained->policy->file);
	cli_json_text(json, "overlay", explained->policy->overlay);
	print_rule(explained->rule, json);
	print_earlier(explained, json);
	print_actions(explained, json);
	cli_json_text(json, "passed", explained->verdict.passed);
	cli_json_bool(json, "shadow", explained->verdict.shadow);
	print_calls(explained, json);
	cli_json_close(json, '}');
}
