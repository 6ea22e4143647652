/* SPDX-License-Identifier: MIT
 * How long things took: count, total and longest are exact; percentiles are exact up to 64 values
 * and then within 0.8 %. */
#ifndef CLI_HISTOGRAM_H
#define CLI_HISTOGRAM_H

#include <stdint.h>

/* Zeroed: no values. Nanoseconds, or any other unit. */
struct cli_histogram {
	uint64_t count, total, longest;
	uint64_t *few;      /* the values themselves, as long as they are few */
	uint32_t **octaves; /* then how many fell where */
};

void cli_histogram_add(struct cli_histogram *histogram, uint64_t value);

/* The least value that is at least as long as PERCENT of all; 0 where there are none. */
uint64_t cli_histogram_percentile(const struct cli_histogram *histogram, unsigned percent);

#endif
