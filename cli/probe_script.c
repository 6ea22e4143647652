/* SPDX-License-Identifier: MIT
 * Reads the steps of a script and has the actors take them. */
#include "cli/probe_script.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STEP_MAX 120
#define WORDS_MAX 8

struct step {
	int actor;
	char line[PROBE_LINE_MAX];
	char wanted[32]; /* "": any that says it went well */
};

static const char *word_or(const char *const *words, size_t count, size_t at, const char *other)
{
	return at < count ? words[at] : other;
}

/* WORDS begin with the verb. */
static void make_line(const char *const *words, size_t count, enum probe_family family,
		      const char *before, char line[PROBE_LINE_MAX])
{
	snprintf(line, PROBE_LINE_MAX, "%s%s %s %s %s %s", before, words[0],
		 word_or(words, count, 1, "0"),
		 word_or(words, count, 2, probe_family_names[family]),
		 word_or(words, count, 3, "0"), word_or(words, count, 4, "0"));
}

static void read_step(const char *text, enum probe_family family, struct step *ret)
{
	const char *words[WORDS_MAX] = { "", "" };
	char copy[STEP_MAX], *rest = copy;
	size_t count = 0, first = 1;

	*ret = (struct step){ 0 };
	snprintf(copy, sizeof(copy), "%s", text);
	for (char *word; count < WORDS_MAX && (word = strtok_r(NULL, " ", &rest));) {
		if (word[0] == '=')
			snprintf(ret->wanted, sizeof(ret->wanted), "%s", word + 1);
		else if (!strcmp(word, "*"))
			words[count++] = probe_family_names[family];
		else
			words[count++] = word;
	}
	ret->actor = words[0][0] - 'A';
	if (!strcmp(words[1], "child"))
		first = 2;
	make_line(words + first, count - first, family, first == 2 ? "child " : "", ret->line);
}

static bool as_wanted(const struct step *step, const char *answer)
{
	if (step->wanted[0])
		return !strcmp(answer, step->wanted);
	return !strcmp(answer, "ok") || !strcmp(answer, "granted");
}

bool probe_script_step(struct probe_stage *stage, const char *text, enum probe_family family,
		       struct probe_cell *ret)
{
	struct step step;

	read_step(text, family, &step);
	probe_stage_ask(stage, step.actor, step.line, ret->answer);
	ret->holder = stage->seats[0].pid;
	return as_wanted(&step, ret->answer);
}

void probe_script_run(struct probe_stage *stage, const char *script, enum probe_family family,
		      struct probe_cell *ret)
{
	const char *end = strchr(script, ';');
	uint64_t begin = probe_clock();
	char step[STEP_MAX];

	*ret = (struct probe_cell){ 0 };
	for (; end; script = end + 1, end = strchr(script, ';')) {
		begin = probe_clock();
		snprintf(step, sizeof(step), "%.*s", (int)(end - script), script);
		if (!probe_script_step(stage, step, family, ret))
			return;
	}
	ret->complete = true;
	probe_script_step(stage, script, family, ret);
	ret->took = probe_clock() - begin;
}
