/* SPDX-License-Identifier: MIT
 * storm [OPTION]…: many kinds of program increment one counter under flock; somebody from outside
 * does too, and counts. 0: no update was lost; 1; 2: could not be tried. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/storm/judge.h"

static void print_settings(const struct judge *judge)
{
	printf("storm: --seed %d --seconds %d --jobs %d --outsider %s", judge->seed, judge->seconds,
	       judge->jobs, judge->outsider);
	printf(", %s, LOCKSHIM_SET=%s\n", judge->preload ? "preloaded" : "bare",
	       judge->set ? judge->set : "");
	fflush(stdout);
}

/* Where updates must be lost, the faults are what was asked for. But everybody has to end well. */
static int verdict(const struct judge *judge)
{
	int wrong, reports = place_show_reports();
	uint64_t lost = report(judge, &wrong);
	bool good = judge->expect_lost ? lost > 0 : !lost && !wrong;

	printf("storm: %" PRIu64 " updates lost, %d rows or files wrong, %d bad ends, "
	       "%d sanitizer reports (seed %d)\n",
	       lost, wrong, judge->bad_ends, reports, judge->seed);
	return !good || judge->bad_ends || reports;
}

int main(int argc, char **argv)
{
	struct judge judge = { .directory = "/tmp", .outsider = "ofd", .seconds = 30, .jobs = 1 };
	struct actor mender;
	int status, file;

	if (helper_main(argc, argv, &status))
		return status;
	options_take(&judge, argc, argv);
	if (getenv("LD_PRELOAD")) {
		fputs("storm: the judge must not be preloaded; use --preload\n", stderr);
		return 2;
	}
	place_make(&judge);
	print_settings(&judge);
	crowd_start(&judge);
	crowd_let_run(&judge);
	crowd_end(&judge);
	mender = actor_new(0);
	for (file = 0; file < FILE_COUNT; file++)
		turn_mend(&mender, file);
	status = verdict(&judge);
	place_remove();
	return status;
}
