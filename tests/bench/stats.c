/* SPDX-License-Identifier: MIT
 * Quantiles, and orders that favour nobody. */
#include "bench.h"

#include <stdlib.h>

static int compare(const void *left, const void *right)
{
	double a = *(const double *)left, b = *(const double *)right;

	return (a > b) - (a < b);
}

double stats_quantile(double *values, size_t count, double q)
{
	double at = q * (double)(count - 1);
	size_t below = (size_t)at, above = below + 1 < count ? below + 1 : below;

	qsort(values, count, sizeof(*values), compare);
	return values[below] + (at - (double)below) * (values[above] - values[below]);
}

void stats_shuffle(unsigned *order, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		unsigned j = (unsigned)random() % (i + 1);

		order[i] = order[j];
		order[j] = i;
	}
}
