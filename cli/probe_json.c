/* SPDX-License-Identifier: MIT
 * One object; an answer is the same word as in text. */
#include "cli/json.h"
#include "cli/probe_print.h"

#include <string.h>

static void print_families(struct cli_json *json, unsigned families)
{
	cli_json_open(json, "families", '[');
	for (int i = 0; i < PROBE_FAMILIES; i++) {
		if (families & PROBE_BIT(i))
			cli_json_text(json, NULL, probe_family_names[i]);
	}
	cli_json_close(json, ']');
}

static void print_case(struct cli_json *json, const struct probe_case *row, int family,
		       const struct probe_cell *cell)
{
	cli_json_open(json, NULL, '{');
	cli_json_text(json, "case", row->name);
	cli_json_text(json, "family", probe_family_names[family]);
	cli_json_text(json, "answer", cell->answer);
	if (row->timed && cell->complete)
		cli_json_number(json, "took", (long long)cell->took);
	cli_json_close(json, '}');
}

static void print_cases(struct cli_json *json, const struct probe_results *results)
{
	cli_json_open(json, "cases", '[');
	for (size_t i = 0; i < probe_cases_count; i++) {
		for (int j = 0; j < PROBE_FAMILIES; j++) {
			if (probe_was_asked(&results->cases[i][j]))
				print_case(json, &probe_cases[i], j, &results->cases[i][j]);
		}
	}
	cli_json_close(json, ']');
}

static void print_side(struct cli_json *json, const char *key, size_t side)
{
	cli_json_open(json, key, '{');
	cli_json_text(json, "family", probe_family_names[probe_sides[side].family]);
	cli_json_text(json, "mode", probe_mode_names[probe_sides[side].mode]);
	cli_json_close(json, '}');
}

static void print_answers(struct cli_json *json, const struct probe_results *results,
			  const struct probe_policy *policy, size_t held, size_t asked)
{
	cli_json_open(json, "under", '{');
	for (int i = PROBE_UNDER_BOTH; i < PROBE_UNDERS; i++)
		cli_json_text(
			json, probe_under_names[i],
			probe_policy_answer(policy, results, (enum probe_under)i, held, asked));
	cli_json_close(json, '}');
}

static void print_pair(struct cli_json *json, const struct probe_results *results,
		       const struct probe_policy *policy, enum probe_process process, size_t held,
		       size_t asked)
{
	cli_json_open(json, NULL, '{');
	cli_json_text(json, "process", probe_process_names[process]);
	print_side(json, "held", held);
	print_side(json, "asked", asked);
	cli_json_text(json, "answer", results->pairs[process][held][asked].answer);
	if (policy && process == PROBE_OTHER_PROCESS)
		print_answers(json, results, policy, held, asked);
	cli_json_close(json, '}');
}

static bool is_wanted(const struct probe_results *results, size_t held, size_t asked)
{
	return results->families & PROBE_BIT(probe_sides[held].family) &&
	       results->families & PROBE_BIT(probe_sides[asked].family);
}

static void print_pairs(struct cli_json *json, const struct probe_results *results,
			const struct probe_policy *policy)
{
	cli_json_open(json, "pairs", '[');
	for (int i = 0; i < PROBE_PROCESSES; i++) {
		for (size_t held = 0; held < PROBE_SIDES; held++) {
			for (size_t asked = 0; asked < PROBE_SIDES; asked++) {
				if (is_wanted(results, held, asked))
					print_pair(json, results, policy, (enum probe_process)i,
						   held, asked);
			}
		}
	}
	cli_json_close(json, ']');
}

static void print_policy(struct cli_json *json, const struct probe_results *results,
			 const struct probe_policy *policy)
{
	cli_json_open(json, "policy", '{');
	cli_json_text(json, "file", policy->file);
	cli_json_text(json, "rule", policy->rule);
	cli_json_text(json, "set", policy->overlay);
	cli_json_open(json, "calls", '[');
	for (size_t i = 0; i < PROBE_SIDES; i++) {
		if (!is_wanted(results, i, i))
			continue;
		cli_json_open(json, NULL, '{');
		cli_json_text(json, "family", probe_family_names[probe_sides[i].family]);
		cli_json_text(json, "mode", probe_mode_names[probe_sides[i].mode]);
		cli_json_text(json, "becomes", probe_policy_becomes(policy, probe_sides[i]));
		cli_json_close(json, '}');
	}
	cli_json_close(json, ']');
	cli_json_close(json, '}');
}

void probe_print_json(const struct probe_results *results, const struct probe_policy *policy)
{
	struct cli_json json = { 0 };

	cli_json_open(&json, NULL, '{');
	cli_json_text(&json, "directory", results->directory);
	cli_json_text(&json, "fstype", results->fstype);
	cli_json_text(&json, "peer", results->peer);
	print_families(&json, results->families);
	print_cases(&json, results);
	print_pairs(&json, results, policy);
	if (policy)
		print_policy(&json, results, policy);
	cli_json_close(&json, '}');
}
