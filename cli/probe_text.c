/* SPDX-License-Identifier: MIT
 * A table of what each family does, one of each pair for each kind of pair, and the policy's. */
#include "cli/duration.h"
#include "cli/escape.h"
#include "cli/memory.h"
#include "cli/probe_print.h"
#include "cli/table.h"

#include <stdio.h>
#include <string.h>

static const char *const processes[PROBE_PROCESSES] = {
	[PROBE_OTHER_PROCESS] = "Held by one process, asked for by another",
	[PROBE_SAME_PROCESS] = "Held and asked for by one process, through two descriptions",
};

static const char *side_text(size_t side)
{
	return cli_memory_format("%s %s", probe_family_names[probe_sides[side].family],
				 probe_mode_names[probe_sides[side].mode]);
}

static bool is_wanted(const struct probe_results *results, size_t side)
{
	return results->families & PROBE_BIT(probe_sides[side].family);
}

static const char *cell_text(const struct probe_case *row, const struct probe_cell *cell)
{
	if (!probe_was_asked(cell))
		return "-";
	if (!row->timed || !cell->complete || strcmp(cell->answer, "granted"))
		return cell->answer;
	return cli_memory_format("%s, %s", cell->answer, cli_duration_text(cell->took));
}

static void print_cases(const struct probe_results *results)
{
	const char *cells[PROBE_FAMILIES + 2] = { "CASE" };
	struct libscols_table *table;
	size_t count = 1;

	for (int i = 0; i < PROBE_FAMILIES; i++) {
		if (results->families & PROBE_BIT(i))
			cells[count++] = probe_family_names[i];
	}
	table = cli_table_new(cells);
	for (size_t i = 0; i < probe_cases_count; i++) {
		cells[0] = probe_cases[i].name;
		count = 1;
		for (int j = 0; j < PROBE_FAMILIES; j++) {
			if (results->families & PROBE_BIT(j))
				cells[count++] = cell_text(&probe_cases[i], &results->cases[i][j]);
		}
		cli_table_add(table, cells);
	}
	cli_table_print(table);
}

static void print_pairs(const struct probe_results *results, enum probe_process process)
{
	const char *cells[PROBE_SIDES + 2] = { "HELD" };
	struct libscols_table *table;
	size_t count = 1;

	for (size_t i = 0; i < PROBE_SIDES; i++) {
		if (is_wanted(results, i))
			cells[count++] = side_text(i);
	}
	table = cli_table_new(cells);
	for (size_t held = 0; held < PROBE_SIDES; held++) {
		if (!is_wanted(results, held))
			continue;
		cells[0] = side_text(held);
		count = 1;
		for (size_t asked = 0; asked < PROBE_SIDES; asked++) {
			if (is_wanted(results, asked))
				cells[count++] = results->pairs[process][held][asked].answer;
		}
		cli_table_add(table, cells);
	}
	printf("\n%s:\n", processes[process]);
	cli_table_print(table);
}

static void print_calls(const struct probe_results *results, const struct probe_policy *policy)
{
	static const char *const headings[] = { "CALL", "BECOMES", NULL };
	struct libscols_table *table = cli_table_new(headings);

	for (size_t i = 0; i < PROBE_SIDES; i++) {
		const char *cells[] = { side_text(i),
					probe_policy_becomes(policy, probe_sides[i]) };

		if (is_wanted(results, i))
			cli_table_add(table, cells);
	}
	cli_table_print(table);
}

static bool fill_changes(const struct probe_results *results, const struct probe_policy *policy,
			 size_t held, size_t asked, const char *cells[2 + PROBE_UNDERS])
{
	bool changed = false;

	cells[0] = side_text(held);
	cells[1] = side_text(asked);
	for (int i = 0; i < PROBE_UNDERS; i++) {
		cells[2 + i] =
			probe_policy_answer(policy, results, (enum probe_under)i, held, asked);
		changed |= strcmp(cells[2 + i], cells[2]);
	}
	return changed;
}

static void print_changes(const struct probe_results *results, const struct probe_policy *policy)
{
	const char *cells[] = { "HELD", "ASKED", "NOW", "BOTH", "HOLDER", "ASKER", NULL };
	struct libscols_table *table = cli_table_new(cells);
	size_t changed = 0;

	for (size_t held = 0; held < PROBE_SIDES; held++) {
		for (size_t asked = 0; asked < PROBE_SIDES; asked++) {
			if (!is_wanted(results, held) || !is_wanted(results, asked) ||
			    !fill_changes(results, policy, held, asked, cells))
				continue;
			cli_table_add(table, cells);
			changed++;
		}
	}
	if (!changed) {
		printf("No pair of processes is answered otherwise under it.\n");
		return;
	}
	printf("\nBetween two processes, with both, the holder or the asker alone under it:\n");
	cli_table_print(table);
}

void probe_print_text(const struct probe_results *results, const struct probe_policy *policy)
{
	printf("%s, %s%s%s:\n", cli_escape_line(results->directory),
	       results->fstype ? results->fstype : "file system not known",
	       results->peer ? ", with peer " : "",
	       results->peer ? cli_escape_line(results->peer) : "");
	print_cases(results);
	for (int i = 0; i < PROBE_PROCESSES; i++)
		print_pairs(results, (enum probe_process)i);
	if (!policy)
		return;
	printf("\nPolicy %s%s, %s%s%s:\n", cli_escape_line(policy->file),
	       policy->missing ? " (not there)" : "", policy->rule ? policy->rule : "no rule",
	       policy->overlay ? ", with " : "",
	       policy->overlay ? cli_escape_line(policy->overlay) : "");
	print_calls(results, policy);
	print_changes(results, policy);
}
