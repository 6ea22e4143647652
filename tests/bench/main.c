/* SPDX-License-Identifier: MIT
 * lockshim-bench [OPTION]...: prints the ratio table. Exit 0; 1 with --strict where a limit is
 * exceeded; 2 where something could not be measured; a tracer that is not ours may be missing. */
#include "bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define RESULTS_MAX 64
#ifndef LOCKSHIM_BENCH_LTTNG
#define LOCKSHIM_BENCH_LTTNG NULL
#endif

static int by_name(const void *left, const void *right)
{
	const struct bench_result *a = left, *b = right;

	return strverscmp(a->name, b->name);
}

static int finish(const struct bench_result *results, size_t count, bool strict)
{
	bool over = false;

	if (fflush(stdout) || ferror(stdout))
		return 2;
	for (size_t i = 0; i < count; i++) {
		if (results[i].problem && !results[i].foreign)
			return 2;
		over = over || result_is_over(&results[i]);
	}
	return strict && over;
}

static size_t loads_wanted(const struct bench_config *config)
{
	for (size_t i = 0; i < bench_loads_count; i++)
		if (rows_want(config, bench_loads[i].name))
			return bench_loads_count;
	return 0;
}

/* Puts those first that were asked for, in the order of their numbers. */
static size_t choose(struct bench_result *results, size_t count, const struct bench_config *config)
{
	size_t wanted = 0;

	for (size_t i = 0; i < count; i++)
		if (rows_want(config, results[i].name))
			results[wanted++] = results[i];
	qsort(results, wanted, sizeof(results[0]), by_name);
	return wanted;
}

static int measure(const struct bench_place *place, const struct bench_config *config)
{
	static struct bench_result results[RESULTS_MAX];
	static struct bench_worker workers[SETUP_COUNT];
	size_t count = bench_rows_count + loads_wanted(config);
	int failed;

	workers_start(workers, place, config);
	failed = rows_measure(results, workers, config);
	workers_stop(workers);
	lttng_stop(workers, place);
	rows_report(results, workers);
	if (!failed && count > bench_rows_count)
		failed = loads_measure(results + bench_rows_count, workers, place, config);
	if (failed) {
		fputs("lockshim-bench: no memory\n", stderr);
		return 2;
	}
	count = choose(results, count, config);
	(config->json ? report_json : report_text)(results, count, place, config);
	return finish(results, count, config->strict);
}

int main(int argc, char **argv)
{
	const char *tmpdir = getenv("TMPDIR");
	struct bench_config config = {
		.object = { NULL, LOCKSHIM_BENCH_EMPTY, LOCKSHIM_BENCH_SHIM, LOCKSHIM_BENCH_LTTNG },
		.worker = LOCKSHIM_BENCH_WORKER,
		.base = tmpdir && *tmpdir ? tmpdir : "/tmp",
		.memory = "/dev/shm",
		.cpu = -1,
	};
	static struct bench_place place;
	int status = 2;

	options_take(&config, argc, argv);
	if (!access(LOCKSHIM_POLICY_FILE, F_OK))
		fputs("lockshim-bench: " LOCKSHIM_POLICY_FILE
		      " exists; rows without a policy file are measured with it\n",
		      stderr);
	umask(077); /* a policy that others could write is refused */
	cpu_take(&config);
	if (!place_make(&place, &config))
		status = measure(&place, &config);
	place_remove(&place);
	return status;
}
