/* SPDX-License-Identifier: MIT
 * 64 steps to each power of two; a power has memory once a value fell there. */
#include "cli/histogram.h"
#include "cli/memory.h"

#include <stdlib.h>
#include <string.h>

enum {
	STEP_BITS = 6,
	STEPS = 1 << STEP_BITS,
	OCTAVES = 64 - STEP_BITS + 1, /* the first one has the values below STEPS */
	FEW = 64,
	FEWEST = 4,
};

static unsigned octave_of(uint64_t value)
{
	return value < STEPS ? 0 : 64 - STEP_BITS - (unsigned)__builtin_clzll(value);
}

static uint64_t middle_of(unsigned octave, unsigned step)
{
	uint64_t width;

	if (!octave)
		return step;
	width = (uint64_t)1 << (octave - 1);
	return (STEPS + step) * width + width / 2;
}

static void count_in(struct cli_histogram *histogram, uint64_t value)
{
	unsigned octave = octave_of(value);
	uint32_t **steps = &histogram->octaves[octave], *step;

	if (!*steps)
		*steps = cli_memory_get(STEPS * sizeof(**steps));
	step = &(*steps)[(octave ? value >> (octave - 1) : value) % STEPS];
	*step += *step < UINT32_MAX;
}

static void keep(struct cli_histogram *histogram, uint64_t value)
{
	uint64_t count = histogram->count;

	if (count == 0 || (count >= FEWEST && !(count & (count - 1)))) {
		size_t room = count ? count * 2 : FEWEST;
		uint64_t *more = cli_memory_get(room * sizeof(*more));

		if (count)
			memcpy(more, histogram->few, count * sizeof(*more));
		histogram->few = more;
	}
	histogram->few[count] = value;
}

static void turn(struct cli_histogram *histogram)
{
	histogram->octaves = cli_memory_get(OCTAVES * sizeof(*histogram->octaves));
	for (unsigned i = 0; i < FEW; i++)
		count_in(histogram, histogram->few[i]);
}

void cli_histogram_add(struct cli_histogram *histogram, uint64_t value)
{
	if (histogram->count < FEW) {
		keep(histogram, value);
	} else {
		if (!histogram->octaves)
			turn(histogram);
		count_in(histogram, value);
	}
	histogram->count++;
	histogram->total += value;
	if (value > histogram->longest)
		histogram->longest = value;
}

static int compare(const void *one, const void *other)
{
	uint64_t a = *(const uint64_t *)one, b = *(const uint64_t *)other;

	return (a > b) - (a < b);
}

static uint64_t value_at(const struct cli_histogram *histogram, uint64_t rank)
{
	for (unsigned octave = 0; octave < OCTAVES; octave++) {
		const uint32_t *steps = histogram->octaves[octave];

		for (unsigned step = 0; steps && step < STEPS; step++) {
			if (steps[step] >= rank)
				return middle_of(octave, step);
			rank -= steps[step];
		}
	}
	return histogram->longest;
}

uint64_t cli_histogram_percentile(const struct cli_histogram *histogram, unsigned percent)
{
	uint64_t count = histogram->count, rank, value;

	if (!count)
		return 0;
	rank = count / 100 * percent + (count % 100 * percent + 99) / 100;
	rank += !rank;
	if (!histogram->octaves) {
		qsort(histogram->few, count, sizeof(*histogram->few), compare);
		return histogram->few[rank - 1];
	}
	value = value_at(histogram, rank);
	return value < histogram->longest ? value : histogram->longest;
}
