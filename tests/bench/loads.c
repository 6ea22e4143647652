/* SPDX-License-Identifier: MIT
 * Measures loading: /bin/true bare, with the empty object and in each setup, one after the other
 * in random order, and the differences within each such turn. */
#include "bench.h"

#include <spawn.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>

#define TURNS_A_BLOCK 50 /* quartiles are those of the ratio of medians in blocks of turns */

enum { SUBJECT_BARE, SUBJECT_EMPTY, SUBJECT_LOADS };

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

/* Nanoseconds from spawn to wait, or -1. */
static double run_true(char **environment)
{
	static char name[] = "true";
	char *argv[] = { name, NULL };
	double begin = now();
	int status;
	pid_t pid;

	if (posix_spawn(&pid, "/bin/true", NULL, NULL, argv, environment) ||
	    waitpid(pid, &status, 0) != pid || status)
		return -1;
	return now() - begin;
}

static enum bench_setup_id setup_of(size_t subject)
{
	if (subject < SUBJECT_LOADS)
		return subject == SUBJECT_BARE ? SETUP_BARE : SETUP_EMPTY;
	return bench_loads[subject - SUBJECT_LOADS].setup;
}

/* times[subject * turns + turn] */
static int run_turns(double *times, unsigned turns, size_t subjects, char ***environments)
{
	unsigned order[SETUP_COUNT + SUBJECT_LOADS];

	for (unsigned turn = 0; turn < turns; turn++) {
		stats_shuffle(order, (unsigned)subjects);
		for (size_t i = 0; i < subjects; i++) {
			double ns = run_true(environments[order[i]]);

			if (ns < 0)
				return -1;
			times[order[i] * turns + turn] = ns;
		}
	}
	return 0;
}

static double median_difference(const double *times, const double *bare, unsigned count,
				double *scratch)
{
	for (unsigned i = 0; i < count; i++)
		scratch[i] = times[i] - bare[i];
	return stats_quantile(scratch, count, 0.5);
}

static void summarise(struct bench_result *result, const double *times, size_t subject,
		      unsigned turns, double *scratch)
{
	const double *own = times + subject * turns, *bare = times + SUBJECT_BARE * (size_t)turns;
	const double *empty = times + SUBJECT_EMPTY * (size_t)turns;
	unsigned block = turns < TURNS_A_BLOCK ? turns : TURNS_A_BLOCK, blocks = turns / block;
	double *ratios = scratch + turns;

	for (unsigned i = 0; i < blocks; i++) {
		unsigned at = i * block;

		ratios[i] = median_difference(own + at, bare + at, block, scratch) /
			    median_difference(empty + at, bare + at, block, scratch);
	}
	result->ns = median_difference(own, bare, turns, scratch);
	result->base_ns = median_difference(empty, bare, turns, scratch);
	result->ratio = result->ns / result->base_ns;
	result->q1 = stats_quantile(ratios, blocks, 0.25);
	result->q3 = stats_quantile(ratios, blocks, 0.75);
}

static void report_loads(struct bench_result *results, const struct bench_worker *workers,
			 const double *times, unsigned turns, double *scratch, bool ran)
{
	for (size_t i = 0; i < bench_loads_count; i++) {
		const struct bench_load *load = &bench_loads[i];
		const char *problem = workers[load->setup].problem;

		results[i] = (struct bench_result){ load->name, load->text, .limit = load->limit };
		if (*problem)
			results[i].problem = problem;
		else if (!ran)
			results[i].problem = "/bin/true could not be started, or failed";
		else
			summarise(&results[i], times, SUBJECT_LOADS + i, turns, scratch);
	}
}

int loads_measure(struct bench_result *results, const struct bench_worker *workers,
		  const struct bench_place *place, const struct bench_config *config)
{
	size_t subjects = SUBJECT_LOADS + bench_loads_count, turns = (size_t)config->loads;
	double *times = calloc((subjects + 2) * turns, sizeof(*times));
	char **environments[SETUP_COUNT + SUBJECT_LOADS] = { NULL };
	bool ready = times, ran;

	for (size_t i = 0; i < subjects; i++) {
		environments[i] = place_environment(place, config, setup_of(i));
		ready = ready && environments[i];
	}
	if (ready) {
		ran = !run_turns(times, (unsigned)turns, subjects, environments);
		report_loads(results, workers, times, (unsigned)turns, times + subjects * turns,
			     ran);
	}
	for (size_t i = 0; i < subjects; i++)
		free(environments[i]);
	free(times);
	return ready ? 0 : -1;
}
