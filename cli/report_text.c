/* SPDX-License-Identifier: MIT
 * What a person reads; JSON has numbers and names instead. */
#include "cli/report_text.h"
#include "cli/memory.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#define SECOND ((uint64_t)1000000000)

static const struct {
	uint64_t nanoseconds;
	const char *name;
} units[] = { { SECOND, "s" }, { 1000000, "ms" }, { 1000, "us" }, { 1, "ns" } };

/* From a minute on, as two units. */
static const char *long_duration(uint64_t seconds)
{
	if (seconds < 3600)
		return cli_memory_format("%" PRIu64 "m%02" PRIu64 "s", seconds / 60, seconds % 60);
	return cli_memory_format("%" PRIu64 "h%02" PRIu64 "m", seconds / 3600, seconds / 60 % 60);
}

const char *cli_report_duration(uint64_t nanoseconds)
{
	uint64_t unit, whole, thousandths;
	size_t i = 0;

	if (nanoseconds >= 60 * SECOND)
		return long_duration(nanoseconds / SECOND);
	while (units[i].nanoseconds > 1 && nanoseconds < units[i].nanoseconds)
		i++;
	unit = units[i].nanoseconds;
	whole = nanoseconds / unit;
	thousandths = nanoseconds % unit * 1000 / unit;
	if (unit == 1 || whole >= 100)
		return cli_memory_format("%" PRIu64 "%s", whole, units[i].name);
	if (whole >= 10)
		return cli_memory_format("%" PRIu64 ".%" PRIu64 "%s", whole, thousandths / 100,
					 units[i].name);
	return cli_memory_format("%" PRIu64 ".%02" PRIu64 "%s", whole, thousandths / 10,
				 units[i].name);
}

const char *cli_report_party_text(const struct cli_report_party *party, uint32_t tid)
{
	if (!party->program && party->pid)
		return cli_memory_format("pid %" PRIu32 ", not traced", party->pid);
	if (!party->program)
		return "not known";
	if (!party->pid)
		return cli_memory_format("%s[*]", party->program);
	if (tid && tid != party->pid)
		return cli_memory_format("%s[%" PRIu32 "/%" PRIu32 "]", party->program, party->pid,
					 tid);
	return cli_memory_format("%s[%" PRIu32 "]", party->program, party->pid);
}

const char *cli_report_time(uint64_t time)
{
	time_t seconds = (time_t)(time / SECOND);
	char text[64] = "";
	struct tm tm;

	if (localtime_r(&seconds, &tm))
		strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S", &tm);
	return cli_memory_format("%s.%06" PRIu64, text, time % SECOND / 1000);
}

const char *cli_report_hazards(uint32_t hazards)
{
	const char *text = "";

	for (unsigned i = 0; i < TRACE_HAZARD_COUNT; i++) {
		if (hazards & 1u << i)
			text = cli_memory_format("%s%s%s", text, *text ? "," : "",
						 trace_hazard_names[i]);
	}
	return text;
}

const char *cli_report_cure(unsigned hazard)
{
#define OF_POSIX "flock = ofd; for fcntl and lockf: fcntl = ofd"
	static const char *const cures[TRACE_HAZARD_COUNT] = {
		[TRACE_HAZARD_CLOSE] = OF_POSIX,
		[TRACE_HAZARD_FORK] = OF_POSIX,
		[TRACE_HAZARD_EXEC] = OF_POSIX,
		[TRACE_HAZARD_SAME_PROCESS] = OF_POSIX,
		[TRACE_HAZARD_FCNTL] = OF_POSIX,
		[TRACE_HAZARD_SHARED_DESCRIPTION] = "ofd = posix, or an open in each process",
		[TRACE_HAZARD_FAMILIES_MEET] = "flock = pass, where they are not meant to meet",
		[TRACE_HAZARD_TWO_NAMES] = "filesystem in the place of path",
		[TRACE_HAZARD_STANDIN_LOST] = "open-mode = keeper",
		[TRACE_HAZARD_KEEPER_LOST] = "leave lockshim-keeper alone, or open-mode = reopen",
		[TRACE_HAZARD_POLICY_DIFFERS] = "restart all users of the file, or flock = both",
		[TRACE_HAZARD_DEADLOCK] = "lock the files in one order, or begin anew",
	};

	return cures[hazard];
}

const char *cli_report_holders(const struct cli_report_pending *pending)
{
	const char *text = "";

	for (size_t i = 0; i < pending->holders_count && i < CLI_REPORT_HOLDERS; i++)
		text = cli_memory_format("%s%s%s", text, i ? ", " : "",
					 cli_report_party_text(&pending->holders[i], 0));
	if (pending->holders_count > CLI_REPORT_HOLDERS)
		text = cli_memory_format("%s and %zu more", text,
					 pending->holders_count - CLI_REPORT_HOLDERS);
	return text;
}

const char *cli_report_cycle_text(const struct cli_report_cycle *cycle)
{
	const struct cli_report_cycle_step *steps = cycle->steps;
	const char *text = cli_report_party_text(&steps[0].party, steps[0].tid);

	if (cycle->refused)
		return cli_memory_format("%s was answered EDEADLK at %s", text, steps[0].file);
	for (size_t i = 0; i < cycle->count; i++) {
		const struct cli_report_cycle_step *next = &steps[(i + 1) % cycle->count];

		text = cli_memory_format("%s%s waits for %s, held by %s", text, i ? ", which" : "",
					 steps[i].file,
					 cli_report_party_text(&next->party, next->tid));
	}
	return text;
}
