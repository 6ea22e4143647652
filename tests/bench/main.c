/* SPDX-License-Identifier: MIT
 * lockshim-bench [OPTION]...: prints the ratio table. Exit 0; 1 with --strict where a limit is
 * exceeded; 2 where something could not be measured. */
#include "bench.h"

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define RESULTS_MAX 64

/* The last CPU we may use, unless one was asked for: the first takes most interrupts. Children
 * inherit it. */
static void pin(struct bench_config *config)
{
	cpu_set_t allowed;

	if (sched_getaffinity(0, sizeof(allowed), &allowed))
		return;
	for (int i = 0; config->cpu < 0 && i < CPU_SETSIZE; i++)
		if (CPU_ISSET(CPU_SETSIZE - 1 - i, &allowed))
			config->cpu = CPU_SETSIZE - 1 - i;
	CPU_ZERO(&allowed);
	CPU_SET((unsigned)config->cpu, &allowed);
	if (sched_setaffinity(0, sizeof(allowed), &allowed))
		config->cpu = -1;
}

/* On a busy machine a turn of ours would else be measured with everybody's. Needs privilege. */
static void come_first(struct bench_config *config)
{
	const struct sched_param lowest = { .sched_priority = sched_get_priority_min(SCHED_RR) };

	config->first = !config->quick && !sched_setscheduler(0, SCHED_RR, &lowest);
}

static int by_name(const void *left, const void *right)
{
	const struct bench_result *a = left, *b = right;

	return strcmp(a->name, b->name);
}

static int finish(const struct bench_result *results, size_t count, bool strict)
{
	bool over = false;

	if (fflush(stdout) || ferror(stdout))
		return 2;
	for (size_t i = 0; i < count; i++) {
		if (results[i].problem)
			return 2;
		over = over || result_is_over(&results[i]);
	}
	return strict && over;
}

static int measure(const struct bench_place *place, const struct bench_config *config)
{
	static struct bench_result results[RESULTS_MAX];
	struct bench_worker workers[SETUP_COUNT];
	size_t count = bench_rows_count + bench_loads_count;
	int failed;

	workers_start(workers, place, config);
	failed = rows_measure(results, workers, config);
	workers_stop(workers);
	if (failed || loads_measure(results + bench_rows_count, workers, place, config)) {
		fputs("lockshim-bench: no memory\n", stderr);
		return 2;
	}
	qsort(results, count, sizeof(results[0]), by_name);
	(config->json ? report_json : report_text)(results, count, place, config);
	return finish(results, count, config->strict);
}

int main(int argc, char **argv)
{
	const char *tmpdir = getenv("TMPDIR");
	struct bench_config config = {
		.object = { NULL, LOCKSHIM_BENCH_EMPTY, LOCKSHIM_BENCH_SHIM },
		.worker = LOCKSHIM_BENCH_WORKER,
		.base = tmpdir && *tmpdir ? tmpdir : "/tmp",
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
	pin(&config);
	come_first(&config);
	if (!place_make(&place, config.base))
		status = measure(&place, &config);
	place_remove(&place);
	return status;
}
