/* SPDX-License-Identifier: MIT
 * One row a case. A script's steps are probe_script.h's, their verbs probe_actor.h's. */
#include "cli/probe_cases.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SHARING (PROBE_ALL & ~PROBE_BIT(PROBE_LOCKF))
#define ABSOLUTE (PROBE_BIT(PROBE_FCNTL) | PROBE_BIT(PROBE_OFD))
#define LAST "9223372036854775807"

/* "EX PID START LENGTH"; false where the answer is another. */
static bool read_found(const char *answer, char mode[4], long long numbers[3])
{
	return probe_line_word(&answer, mode, 4) && probe_line_number(&answer, &numbers[0]) &&
	       probe_line_number(&answer, &numbers[1]) && probe_line_number(&answer, &numbers[2]);
}

static void word_holder(struct probe_cell *cell)
{
	const char *whose = "another number";
	long long numbers[3];
	char mode[4];

	if (!read_found(cell->answer, mode, numbers))
		return;
	if (numbers[0] == cell->holder)
		whose = "holder's pid";
	else if (!numbers[0] || numbers[0] == -1)
		whose = numbers[0] ? "pid -1" : "pid 0";
	snprintf(cell->answer, sizeof(cell->answer), "%s, %s", mode, whose);
}

static void word_range(struct probe_cell *cell)
{
	long long numbers[3];
	char mode[4];

	if (read_found(cell->answer, mode, numbers))
		snprintf(cell->answer, sizeof(cell->answer), "%lld+%lld", numbers[1], numbers[2]);
}

const struct probe_case probe_cases[] = {
	{ "shared", SHARING, .script = "A sh" },
	{ "exclusive", PROBE_ALL, .script = "A ex" },
	{ "exclusive-read-only", PROBE_ALL, .script = "A ro; A ex" },
	{ "shared-write-only", SHARING, .script = "A wo; A sh" },
	{ "unlock", PROBE_ALL, .script = "A ex; A un; B ex" },
	{ "shared-directory", SHARING, .script = "A dir; A sh" },
	{ "exclusive-directory", PROBE_ALL, .script = "A dir; A ex" },
	{ "range-adjacent", PROBE_RECORDS, .script = "A ex 0 * 0 100; B ex 0 * 100 100" },
	{ "range-overlap", PROBE_RECORDS, .script = "A ex 0 * 0 100; B ex 0 * 99 1" },
	{ "range-to-end", PROBE_RECORDS, .script = "A ex 0 * 100 0; B ex 0 * 8589934592 1" },
	{ "range-below-end", PROBE_RECORDS, .script = "A ex 0 * 100 0; B ex 0 * 0 100" },
	{ "range-2g", PROBE_RECORDS, .script = "A ex 0 * 2147483647 2; B ex 0 * 2147483648 1" },
	{ "range-4g-apart", PROBE_RECORDS, .script = "A ex 0 * 4294967296 1; B ex 0 * 0 1" },
	{ "range-last-byte", ABSOLUTE, .script = "A ex 0 * " LAST " 1; B ex 0 * " LAST " 1" },
	{ "range-last-to-end", ABSOLUTE, .script = "A ex 0 * " LAST " 1; B ex" },
	{ "range-beyond-last", ABSOLUTE, .script = "A ex 0 * " LAST " 2" },
	{ "range-negative", PROBE_RECORDS, .script = "A ex 0 * 100 -10; B ex 0 * 90 1" },
	{ "range-negative-above", PROBE_RECORDS, .script = "A ex 0 * 100 -10; B ex 0 * 100 1" },
	{ "range-before-start", PROBE_RECORDS, .script = "A ex 0 * 5 -10" },
	{ "range-split", PROBE_RECORDS, .script = "A ex; A un 0 * 100 50; B ex 0 * 100 50" },
	{ "range-split-rest", PROBE_RECORDS, .script = "A ex; A un 0 * 100 50; B ex 0 * 150 1" },
	{ "fork-parent-closes", PROBE_ALL, .script = "A ex; A fork; A close; B ex",
	  .granted = "lost", .refused = "held" },
	{ "fork-child-unlocks", PROBE_ALL, .script = "A ex; A fork; A child un; B ex",
	  .granted = "let go", .refused = "held" },
	{ "fork-child-closes", PROBE_ALL, .script = "A ex; A fork; A child close; B ex",
	  .granted = "lost", .refused = "held" },
	{ "fork-child-asks", PROBE_ALL, .script = "A ex; A fork; A child ex" },
	{ "close-other", PROBE_ALL, .script = "A ex; A rw 1; A close 1; B ex", .granted = "lost",
	  .refused = "held" },
	{ "close-duplicate", PROBE_ALL, .script = "A ex; A dup 1; A close 1; B ex",
	  .granted = "lost", .refused = "held" },
	{ "close-last", PROBE_ALL, .script = "A ex; A close; B ex", .granted = "let go",
	  .refused = "held" },
	{ "upgrade", SHARING, .script = "A sh; A ex; B sh" },
	{ "downgrade", SHARING, .script = "A ex; A sh; B sh" },
	{ "upgrade-refused", SHARING, .script = "A sh; B sh; A ex =refused; B un; B ex",
	  .granted = "SH lost", .refused = "SH kept" },
	{ "upgrade-two", SHARING, .run = probe_turns_upgraders },
	{ "signal", PROBE_ALL, .script = "A ex; B norestart; B wex =waits; B interrupt",
	  .waits = "goes on" },
	{ "signal-restart", PROBE_ALL, .script = "A ex; B restart; B wex =waits; B interrupt",
	  .waits = "goes on" },
	{ "handed-on-unlock", PROBE_ALL, .script = "A ex; B wex =waits; A un; B answer",
	  .timed = true },
	{ "handed-on-close", PROBE_ALL, .script = "A ex; B wex =waits; A close; B answer",
	  .timed = true },
	{ "handed-on-kill", PROBE_ALL, .script = "A ex; B wex =waits; A kill; B answer",
	  .timed = true },
	{ "order", PROBE_ALL, .run = probe_turns_order },
	{ "relock", PROBE_ALL, .script = "A ex; B wex =waits; A relock" },
	{ "getlk-holder", PROBE_ALL, .script = "A ex; B getlk", .word = word_holder },
	{ "getlk-range", PROBE_RECORDS, .script = "A ex 0 * 100 50; B getlk", .word = word_range },
	{ "getlk-own", PROBE_ALL, .script = "A ex; A getlk", .word = word_holder },
	{ "getlk-shared", SHARING, .script = "A sh; B getlk", .word = word_holder },
};

const size_t probe_cases_count = sizeof(probe_cases) / sizeof(probe_cases[0]);

static void word(const struct probe_case *row, struct probe_cell *cell)
{
	const struct {
		const char *answer, *word;
	} words[] = {
		{ "granted", row->granted },
		{ "refused", row->refused },
		{ PROBE_WAITS, row->waits },
	};

	if (row->word)
		row->word(cell);
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (words[i].word && !strcmp(cell->answer, words[i].answer)) {
			snprintf(cell->answer, sizeof(cell->answer), "%s", words[i].word);
			return;
		}
	}
}

void probe_case_run(struct probe_place *place, const struct probe_case *row,
		    enum probe_family family, struct probe_cell *ret)
{
	struct probe_stage stage;

	probe_stage_begin(&stage, place, place->files++);
	if (row->script)
		probe_script_run(&stage, row->script, family, ret);
	else
		row->run(&stage, family, ret);
	probe_stage_end(&stage);
	if (ret->complete)
		word(row, ret);
}

static const char *const verb_of[] = { [PROBE_SH] = "sh", [PROBE_EX] = "ex" };

void probe_pair_run(struct probe_place *place, bool same_process, struct probe_side held,
		    struct probe_side asked, struct probe_cell *ret)
{
	struct probe_stage stage;
	char script[PROBE_LINE_MAX];

	snprintf(script, sizeof(script), "A %s 0 %s; %c %s %c %s", verb_of[held.mode],
		 probe_family_names[held.family], same_process ? 'A' : 'B', verb_of[asked.mode],
		 same_process ? '1' : '0', probe_family_names[asked.family]);
	probe_stage_begin(&stage, place, place->files++);
	probe_script_run(&stage, script, held.family, ret);
	probe_stage_end(&stage);
}
