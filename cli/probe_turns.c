/* SPDX-License-Identifier: MIT
 * Cases where who comes next is the kernel's choice: two that upgrade, and a queue. */
#include "cli/probe_cases.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROUNDS 3
#define WAITERS (PROBE_ACTORS - 1)

static bool step(struct probe_stage *stage, const char *text, enum probe_family family,
		 struct probe_cell *ret)
{
	return probe_script_step(stage, text, family, ret);
}

static void end_with(struct probe_cell *ret, const char *text)
{
	snprintf(ret->answer, sizeof(ret->answer), "%s", text);
	ret->complete = true;
}

/* FIRST has it: the other gets it next, or the answer says why not. */
static void in_turn(struct probe_stage *stage, enum probe_family family, const char *unlock,
		    const char *other, struct probe_cell *ret)
{
	if (step(stage, unlock, family, ret) && step(stage, other, family, ret))
		end_with(ret, "in turn");
}

/* Where a server decides, A may hear of its grant only later. */
static bool first_has_it(struct probe_stage *stage, enum probe_family family,
			 struct probe_cell *ret)
{
	uint64_t end = probe_clock() + stage->place->patience;
	bool answered;

	do
		answered = step(stage, "A again", family, ret);
	while (!answered && !strcmp(ret->answer, PROBE_WAITS) && probe_clock() < end);
	return answered;
}

void probe_turns_upgraders(struct probe_stage *stage, enum probe_family family,
			   struct probe_cell *ret)
{
	*ret = (struct probe_cell){ 0 };
	if (!step(stage, "A sh", family, ret) || !step(stage, "B sh", family, ret) ||
	    !step(stage, "A wex =waits", family, ret))
		return;
	if (step(stage, "B wex", family, ret))
		in_turn(stage, family, "B un", "A answer", ret);
	else if (strcmp(ret->answer, PROBE_WAITS))
		ret->complete = true;
	else if (first_has_it(stage, family, ret))
		in_turn(stage, family, "A un", "B answer", ret);
	else if (!strcmp(ret->answer, PROBE_WAITS))
		end_with(ret, "both wait");
}

static bool queue_up(struct probe_stage *stage, enum probe_family family, struct probe_cell *ret)
{
	for (int i = 1; i <= WAITERS; i++) {
		char text[16];

		snprintf(text, sizeof(text), "%c wex =waits", 'A' + i);
		if (!step(stage, text, family, ret))
			return false;
	}
	return true;
}

/* The waiter that has it now, 0 where the answer is the cell's. Nobody else can have it until that
 * one lets go. */
static int next_holder(struct probe_stage *stage, enum probe_family family, const bool *served,
		       struct probe_cell *ret)
{
	uint64_t end = probe_clock() + stage->place->timeout;

	while (probe_clock() < end) {
		for (int i = 1; i <= WAITERS; i++) {
			char text[16];

			snprintf(text, sizeof(text), "%c peek", 'A' + i);
			if (served[i])
				continue;
			if (step(stage, text, family, ret))
				return i;
			if (strcmp(ret->answer, PROBE_WAITS))
				return 0;
		}
	}
	end_with(ret, PROBE_STILL_WAITS);
	return 0;
}

/* How often a waiter was let in before one that had come first; -1 where the answer is the cell's.
 */
static int serve(struct probe_stage *stage, enum probe_family family, struct probe_cell *ret)
{
	bool served[PROBE_ACTORS] = { false };
	int overtaken = 0;
	char unlock[8] = "A un";

	for (int turn = 0; turn < WAITERS; turn++) {
		int next;

		if (!step(stage, unlock, family, ret))
			return -1;
		next = next_holder(stage, family, served, ret);
		if (!next)
			return -1;
		served[next] = true;
		for (int before = 1; before < next; before++)
			overtaken += !served[before];
		unlock[0] = (char)('A' + next);
	}
	step(stage, unlock, family, ret);
	return overtaken;
}

void probe_turns_order(struct probe_stage *stage, enum probe_family family, struct probe_cell *ret)
{
	int overtaken = 0;

	*ret = (struct probe_cell){ 0 };
	for (int round = 0; round < ROUNDS; round++) {
		int times;

		if (!step(stage, "A ex", family, ret) || !queue_up(stage, family, ret))
			return;
		times = serve(stage, family, ret);
		if (times < 0)
			return;
		overtaken += times;
	}
	end_with(ret, "in order");
	if (overtaken)
		snprintf(ret->answer, sizeof(ret->answer), "%d overtaken", overtaken);
}
