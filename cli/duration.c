/* SPDX-License-Identifier: MIT
 * Decimal fractions without the rounding of a double. */
#include "cli/duration.h"

#include <ctype.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#define SECOND ((uint64_t)1000000000)

static const struct {
	const char *name;
	uint64_t nanoseconds;
} units[] = {
	{ "ns", 1 },     { "us", 1000 },       { "ms", 1000000 },
	{ "s", SECOND }, { "m", 60 * SECOND }, { "h", 3600 * SECOND },
};

static uint64_t unit_of(const char *name)
{
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (!strcmp(units[i].name, name))
			return units[i].nanoseconds;
	}
	return 0;
}

static bool add(uint64_t *sum, uint64_t digit, uint64_t worth)
{
	uint64_t more;

	return !__builtin_mul_overflow(digit, worth, &more) &&
	       !__builtin_add_overflow(*sum, more, sum);
}

bool cli_duration_read(const char *text, uint64_t *ret_nanoseconds)
{
	size_t whole = strspn(text, "0123456789");
	size_t point = text[whole] == '.';
	size_t fraction = point ? strspn(text + whole + 1, "0123456789") : 0;
	uint64_t unit = unit_of(text + whole + point + fraction), sum = 0;

	*ret_nanoseconds = 0;
	if (!strcmp(text, "0"))
		return true;
	if (!unit || !whole || (point && !fraction))
		return false;
	for (size_t i = 0; i < whole; i++) {
		if (!add(&sum, sum, 9) || !add(&sum, (uint64_t)(text[i] - '0'), 1))
			return false;
	}
	if (__builtin_mul_overflow(sum, unit, ret_nanoseconds))
		return false;
	for (size_t i = 0; i < fraction && (unit /= 10); i++) {
		if (!add(ret_nanoseconds, (uint64_t)(text[whole + 1 + i] - '0'), unit))
			return false;
	}
	return true;
}

const char *cli_duration_text(uint64_t nanoseconds)
{
	static char buffers[4][32];
	static unsigned turn;
	char *buffer = buffers[turn++ % 4];
	const bool seconds = nanoseconds >= SECOND;
	uint64_t thousandths = nanoseconds / (seconds ? SECOND / 1000 : 1000);

	snprintf(buffer, sizeof(buffers[0]), "%" PRIu64 ".%03" PRIu64 " %s", thousandths / 1000,
		 thousandths % 1000, seconds ? "s" : "ms");
	return buffer;
}
