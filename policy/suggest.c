/* SPDX-License-Identifier: MIT
 * "Did you mean": Damerau-Levenshtein distance (adjacent transpositions), case aside. */
#include "policy/internal.h"

#include <string.h>

#define WORD_MAX 32
#define DISTANCE_MAX 2

static unsigned char fold(char c)
{
	return (unsigned char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
}

static unsigned least(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

/* One row of the matrix: b[0..i] against all of a. row[-1] and row[-2] are before and before2. */
static void fill_row(unsigned char *row, const unsigned char *before, const unsigned char *before2,
		     const char *a, size_t a_len, const char *b, size_t i)
{
	row[0] = (unsigned char)(i + 1);
	for (size_t j = 0; j < a_len; j++) {
		unsigned cost = before[j] + (fold(a[j]) != fold(b[i]));

		cost = least(cost, least(row[j], before[j + 1]) + 1u);
		if (i && j && fold(a[j]) == fold(b[i - 1]) && fold(a[j - 1]) == fold(b[i]))
			cost = least(cost, before2[j - 1] + 1u);
		row[j + 1] = (unsigned char)cost;
	}
}

static unsigned distance(const char *a, size_t a_len, const char *b, size_t b_len)
{
	unsigned char rows[3][WORD_MAX + 1];

	for (size_t j = 0; j <= a_len; j++)
		rows[2][j] = (unsigned char)j;
	for (size_t i = 0; i < b_len; i++)
		fill_row(rows[i % 3], rows[(i + 2) % 3], rows[(i + 1) % 3], a, a_len, b, i);
	return rows[(b_len + 2) % 3][a_len];
}

void policy_suggest(struct policy_suggestion *suggestion, const char *candidate)
{
	size_t len = strlen(candidate);
	unsigned far;

	if (suggestion->len > WORD_MAX || len > WORD_MAX)
		return;
	far = distance(suggestion->word, suggestion->len, candidate, len);
	if (far > DISTANCE_MAX || 2 * far >= suggestion->len)
		return;
	if (suggestion->best && suggestion->distance <= far)
		return;
	suggestion->best = candidate;
	suggestion->distance = far;
}
