/* SPDX-License-Identifier: MIT
 * A value's text as a number. */
#include "tests/support/make_trace_values.h"

#include <ctype.h>
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

static const struct {
	const char *name;
	int number;
} errors[] = {
	{ "EAGAIN", EAGAIN }, { "EWOULDBLOCK", EWOULDBLOCK }, { "EBADF", EBADF },
	{ "EINTR", EINTR },   { "EDEADLK", EDEADLK },         { "ENOLCK", ENOLCK },
	{ "EACCES", EACCES }, { "EINVAL", EINVAL },           { "EIO", EIO },
	{ "ENOSYS", ENOSYS }, { "EOPNOTSUPP", EOPNOTSUPP },   { "ESTALE", ESTALE },
};

bool make_trace_read_number(const char *text, int64_t *ret)
{
	char *end;

	errno = 0;
	*ret = strtoll(text, &end, 0);
	if (errno == ERANGE && *text != '-')
		*ret = (int64_t)strtoull(text, &end, 0);
	return *text && !*end;
}

/* Seconds with up to nine digits behind the point, without the rounding of a double. */
bool make_trace_read_time(const char *text, int64_t *ret)
{
	uint64_t unit = 1000000000, value = 0;
	char *end;

	value = strtoull(text, &end, 10) * unit;
	if (end == text)
		return false;
	if (*end == '.') {
		for (end++; isdigit((unsigned char)*end) && unit > 1; end++)
			value += (uint64_t)(*end - '0') * (unit /= 10);
	}
	*ret = (int64_t)value;
	return !*end;
}

bool make_trace_read_word(const char *text, const char *const *words, int64_t *ret)
{
	for (int64_t i = 0; words[i]; i++) {
		if (!strcmp(words[i], text)) {
			*ret = i;
			return true;
		}
	}
	return false;
}

bool make_trace_read_bits(char *text, const char *const *words, int64_t *ret)
{
	char *rest = NULL;

	*ret = 0;
	if (!strcmp(text, "none"))
		return true;
	for (char *word = strtok_r(text, ",", &rest); word; word = strtok_r(NULL, ",", &rest)) {
		int64_t bit;

		if (!make_trace_read_word(word, words, &bit))
			return false;
		*ret |= (int64_t)1 << bit;
	}
	return true;
}

bool make_trace_read_error(const char *text, int64_t *ret)
{
	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
		if (!strcmp(errors[i].name, text)) {
			*ret = errors[i].number;
			return true;
		}
	}
	return make_trace_read_number(text, ret);
}

bool make_trace_read_device(const char *text, int64_t *ret)
{
	char *end;
	uint64_t major = strtoull(text, &end, 0);

	if (*end != ':')
		return false;
	*ret = (int64_t)(major << 32 | strtoul(end + 1, &end, 0));
	return !*end;
}

void make_trace_undo_escapes(char *text)
{
	static const char from[] = "nts\\", to[] = "\n\t \\";
	char *out = text;

	for (; *text; text++) {
		const char *letter = *text == '\\' && text[1] ? strchr(from, text[1]) : NULL;

		if (letter) {
			*out++ = to[letter - from];
			text++;
		} else if (*text == '\\' && text[1] == 'x' && text[2] && text[3]) {
			char digits[] = { text[2], text[3], '\0' };

			*out++ = (char)strtoul(digits, NULL, 16);
			text += 3;
		} else {
			*out++ = *text;
		}
	}
	*out = '\0';
}
