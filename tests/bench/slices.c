/* SPDX-License-Identifier: MIT
 * Measures the rows: short slices, the two sides of a row one after the other in random order, the
 * rows of a round in random order, and the ratio of each pair of slices. */
#include "bench.h"

#include <stdlib.h>

/* What one call costs in units of a lock pair, so that slices last about the same. */
static const unsigned calls_for_a_pair[CALL_COUNT] = {
	[CALL_FLOCK_EX] = 1, [CALL_FLOCK_SH] = 1, [CALL_OFD_EX] = 1,    [CALL_OFD_SH] = 1,
	[CALL_POSIX_EX] = 1, [CALL_GETFL] = 8,    [CALL_DUP_CLOSE] = 4,
};

/* And what of them a slice has only one of where others have so many. */
static const unsigned times_as_long[CALL_COUNT] = {
	[CALL_SYNC] = 50,     [CALL_FEW] = 50,           [CALL_FEW_SYNC] = 50,
	[CALL_WRITTEN] = 500, [CALL_WRITTEN_SYNC] = 500,
};

static unsigned count_of(const struct bench_worker *worker, enum bench_call call, int slice)
{
	unsigned long_as = times_as_long[call];
	unsigned count = long_as ? ((unsigned)slice + long_as - 1) / long_as
				 : (unsigned)slice * calls_for_a_pair[call];
	enum bench_tracer tracer = bench_setups[worker->setup].tracer;

	if (tracer == TRACER_NONE || tracer == TRACER_LTTNG)
		return count;
	return (count + TRACER_SLICES - 1) / TRACER_SLICES;
}

/* For one row, one value a round. */
struct series {
	double *ns, *base_ns, *ratio;
};

static void measure_once(const struct bench_row *row, struct bench_worker *workers, int slice,
			 struct series *series, int round)
{
	struct bench_worker *worker = &workers[row->setup], *base = &workers[row->base];
	unsigned count = count_of(worker, row->call, slice);
	unsigned base_count = count_of(base, row->base_call, slice);
	bool base_first = random() & 1;

	if (*worker->problem || *base->problem)
		return;
	if (base_first)
		series->base_ns[round] = worker_slice(base, row->base_call, base_count);
	series->ns[round] = worker_slice(worker, row->call, count);
	if (!base_first)
		series->base_ns[round] = worker_slice(base, row->base_call, base_count);
	series->ratio[round] = series->ns[round] / series->base_ns[round];
}

static void summarise(struct bench_result *result, const struct bench_row *row,
		      const struct series *series, size_t rounds)
{
	*result = (struct bench_result){ .name = row->name,
					 .text = row->text,
					 .limit = row->limit,
					 .foreign = bench_setups[row->setup].tracer };
	result->ns = stats_quantile(series->ns, rounds, 0.5);
	result->base_ns = stats_quantile(series->base_ns, rounds, 0.5);
	result->ratio = stats_quantile(series->ratio, rounds, 0.5);
	result->q1 = stats_quantile(series->ratio, rounds, 0.25);
	result->q3 = stats_quantile(series->ratio, rounds, 0.75);
}

static void measure_all(struct series *series, unsigned *order, struct bench_worker *workers,
			const struct bench_config *config)
{
	for (int round = 0; round < config->rounds; round++) {
		stats_shuffle(order, (unsigned)bench_rows_count);
		for (size_t i = 0; i < bench_rows_count; i++)
			if (rows_want(config, bench_rows[order[i]].name))
				measure_once(&bench_rows[order[i]], workers, config->slice,
					     &series[order[i]], round);
	}
}

int rows_measure(struct bench_result *results, struct bench_worker *workers,
		 const struct bench_config *config)
{
	size_t rows = bench_rows_count, rounds = (size_t)config->rounds;
	struct series *series = calloc(rows, sizeof(*series));
	unsigned *order = calloc(rows, sizeof(*order));
	double *values = calloc(rows * rounds * 3, sizeof(*values));
	int result = -1;

	if (series && order && values) {
		for (size_t i = 0; i < rows; i++) {
			double *at = values + i * rounds * 3;

			series[i] = (struct series){ at, at + rounds, at + 2 * rounds };
		}
		measure_all(series, order, workers, config);
		for (size_t i = 0; i < rows; i++)
			summarise(&results[i], &bench_rows[i], &series[i], rounds);
		result = 0;
	}
	free(series);
	free(order);
	free(values);
	return result;
}

void rows_report(struct bench_result *results, const struct bench_worker *workers)
{
	for (size_t i = 0; i < bench_rows_count; i++) {
		const char *problem = workers[bench_rows[i].setup].problem;
		const char *base = workers[bench_rows[i].base].problem;

		if (*problem || *base)
			results[i].problem = *problem ? problem : base;
	}
}
