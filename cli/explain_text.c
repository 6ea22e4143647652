/* SPDX-License-Identifier: MIT
 * Explain's answer for people: what the file is, the rules tried, the actions, the calls. */
#include "cli/explain.h"
#include "cli/memory.h"
#include "cli/table.h"

#include <stdio.h>

static void print_file(const struct cli_explained *explained)
{
	const struct cli_file *file = &explained->file;
	const char *program = cli_explain_program(explained->process);
	const char *service = explained->process->facts.service;

	printf("%s\n", file->asked);
	if (!file->exists)
		printf("  not there: explained as a new file in its directory\n");
	printf("  path         %s\n", file->facts.path);
	printf("  file system  %s at %s (%s)\n",
	       file->facts.fstype ? file->facts.fstype : "unknown",
	       file->mount_point ? file->mount_point : "?", cli_explain_device(file->facts.device));
	printf("  exported     %s\n", cli_explain_exported(file->facts.exported));
	printf("  process      user %s, service %s, program %s\n",
	       cli_explain_user(explained->process), service ? service : "-",
	       program ? program : "-");
	printf("  policy       %s%s\n", explained->policy->file,
	       explained->policy->missing ? ": not there: no rules" : "");
	if (explained->policy->overlay)
		printf("  overlay      %s\n", explained->policy->overlay);
	printf("\n");
}

static void print_rules(const struct cli_explained *explained)
{
	const struct policy *policy = explained->policy->policy;
	struct libscols_table *table =
		cli_table_new((const char *const[]){ "RULE", "AT", "DECIDES", NULL });

	for (size_t i = 0; i < policy->rules_count; i++) {
		const struct policy_rule *rule = policy->rules[i];
		struct cli_misfit misfit;

		if (rule == explained->rule)
			break;
		misfit = cli_explain_misfit(explained, rule);
		cli_table_add(table, (const char *const[]){
					     rule->name, cli_explain_place(rule),
					     cli_memory_format("no: %s = %s; here %s", misfit.key,
							       misfit.wanted, misfit.found) });
	}
	if (explained->rule)
		cli_table_add(table,
			      (const char *const[]){ explained->rule->name,
						     cli_explain_place(explained->rule), "yes" });
	else
		cli_table_add(table, (const char *const[]){ "(no rule)", "", "yes" });
	cli_table_print(table);
	printf("\n");
}

/* True where a rule of the process, or what lies over all rules, has the key. */
static bool is_of_process(const struct policy *policy, enum policy_action action)
{
	bool is = policy->no_rule.set & 1u << action;

	for (size_t i = 0; !is && i < policy->bound_count; i++)
		is = policy->bound[i]->actions.set & 1u << action;
	return is && POLICY_PROCESS_ACTIONS & 1u << action;
}

/* The actions that somebody wrote, and flock always. */
static bool is_shown(const struct cli_explained *explained, enum policy_action action)
{
	return action == POLICY_FLOCK || explained->verdict.actions->set & 1u << action ||
	       is_of_process(explained->policy->policy, action);
}

static void print_actions(const struct cli_explained *explained)
{
	struct libscols_table *table =
		cli_table_new((const char *const[]){ "ACTION", "VALUE", "FROM", NULL });

	for (int i = 0; i < POLICY_ACTION_COUNT; i++) {
		enum policy_action action = (enum policy_action)i;

		if (is_shown(explained, action))
			cli_table_add(table, (const char *const[]){
						     policy_key_of_action(action)->name,
						     cli_explain_value(explained, action),
						     cli_explain_origin(explained, action) });
	}
	cli_table_print(table);
	printf("\n");
}

static void print_calls(const struct cli_explained *explained)
{
	struct libscols_table *table =
		cli_table_new((const char *const[]){ "CALL", "BECOMES", NULL });
	bool changed;

	for (size_t i = 0; i < cli_calls_count; i++) {
		if (!(explained->calls & 1u << i))
			continue;
		cli_table_add(table, (const char *const[]){ cli_calls[i].text,
							    cli_calls_becomes(&cli_calls[i],
									      &explained->verdict,
									      &changed) });
	}
	cli_table_print(table);
}

void cli_explain_print_text(const struct cli_explained *explained)
{
	print_file(explained);
	print_rules(explained);
	print_actions(explained);
	print_calls(explained);
}
