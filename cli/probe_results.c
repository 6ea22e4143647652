/* SPDX-License-Identifier: MIT
 * Runs through the tables. A family that hung once is not asked again. */
#include "cli/probe_results.h"

#include <err.h>
#include <stdio.h>
#include <string.h>

const struct probe_side probe_sides[PROBE_SIDES] = {
	{ PROBE_FLOCK, PROBE_SH }, { PROBE_FLOCK, PROBE_EX }, { PROBE_FCNTL, PROBE_SH },
	{ PROBE_FCNTL, PROBE_EX }, { PROBE_LOCKF, PROBE_EX }, { PROBE_OFD, PROBE_SH },
	{ PROBE_OFD, PROBE_EX },
};

const char *const probe_process_names[PROBE_PROCESSES] = {
	[PROBE_OTHER_PROCESS] = "other",
	[PROBE_SAME_PROCESS] = "same",
};

static bool ends_all(const char *answer)
{
	static const char *const ends[] = { PROBE_GONE, PROBE_STOPPED, PROBE_NO_PROCESS };

	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		if (!strcmp(ends[i], answer))
			return true;
	}
	return false;
}

/* False where nothing more can be found out. */
static bool note(struct probe_results *results, unsigned families, const struct probe_cell *cell)
{
	if (!strcmp(cell->answer, PROBE_GONE))
		warnx("the other side, or a process that was to lock, is gone");
	else if (!strcmp(cell->answer, PROBE_NO_PROCESS))
		warnx("a process that was to lock could not be started");
	else if (!strcmp(cell->answer, PROBE_HANGS))
		results->hanging |= families;
	return !ends_all(cell->answer);
}

static bool is_hanging(const struct probe_results *results, unsigned families,
		       struct probe_cell *cell)
{
	if (results->hanging & families)
		snprintf(cell->answer, sizeof(cell->answer), "not asked");
	return results->hanging & families;
}

static bool find_cases(struct probe_place *place, enum probe_family family,
		       struct probe_results *ret)
{
	for (size_t i = 0; i < probe_cases_count; i++) {
		struct probe_cell *cell = &ret->cases[i][family];

		if (!(probe_cases[i].families & PROBE_BIT(family)) ||
		    is_hanging(ret, PROBE_BIT(family), cell))
			continue;
		probe_case_run(place, &probe_cases[i], family, cell);
		if (!note(ret, PROBE_BIT(family), cell))
			return false;
	}
	return true;
}

static bool find_pair(struct probe_place *place, enum probe_process process, size_t held,
		      size_t asked, struct probe_results *ret)
{
	struct probe_cell *cell = &ret->pairs[process][held][asked];
	unsigned families =
		PROBE_BIT(probe_sides[held].family) | PROBE_BIT(probe_sides[asked].family);

	if (is_hanging(ret, families, cell))
		return true;
	probe_pair_run(place, process == PROBE_SAME_PROCESS, probe_sides[held], probe_sides[asked],
		       cell);
	return note(ret, families, cell);
}

static bool find_pairs(struct probe_place *place, enum probe_process process, unsigned families,
		       struct probe_results *ret)
{
	for (size_t held = 0; held < PROBE_SIDES; held++) {
		for (size_t asked = 0; asked < PROBE_SIDES; asked++) {
			if (families & PROBE_BIT(probe_sides[held].family) &&
			    families & PROBE_BIT(probe_sides[asked].family) &&
			    !find_pair(place, process, held, asked, ret))
				return false;
		}
	}
	return true;
}

bool probe_results_find(struct probe_place *place, unsigned paired, struct probe_results *ret)
{
	for (int family = 0; family < PROBE_FAMILIES; family++) {
		if (ret->families & PROBE_BIT(family) &&
		    !find_cases(place, (enum probe_family)family, ret))
			return false;
	}
	return find_pairs(place, PROBE_OTHER_PROCESS, ret->families | paired, ret) &&
	       find_pairs(place, PROBE_SAME_PROCESS, ret->families, ret);
}
