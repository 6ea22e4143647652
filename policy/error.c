/* SPDX-License-Identifier: MIT
 * Error texts without stdio, which may allocate and lock in a stranger's process. */
#include "policy/internal.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>

#define WORD_MAX 80 /* of a file's own text, so that the remedy still fits */

struct text {
	char *at, *end;
};

static void add(struct text *to, const char *from, size_t len)
{
	for (; len && to->at < to->end; len--, from++)
		*to->at++ = (unsigned char)*from < ' ' || *from == 0x7f ? '?' : *from;
}

static void add_word(struct text *to, const char *from, size_t len)
{
	add(to, from, len < WORD_MAX ? len : WORD_MAX);
	if (len > WORD_MAX)
		add(to, "...", 3);
}

static void add_number(struct text *to, unsigned number)
{
	char digits[10];
	size_t at = sizeof(digits);

	do
		digits[--at] = (char)('0' + number % 10);
	while (number /= 10);
	add(to, digits + at, sizeof(digits) - at);
}

static void add_format(struct text *to, const char *format, va_list *args)
{
	for (; *format; format++) {
		const char *word;

		if (*format != '%') {
			add(to, format, 1);
			continue;
		}
		switch (*++format) {
		case 'u':
			add_number(to, va_arg(*args, unsigned));
			break;
		case 'w':
			word = va_arg(*args, const char *);
			add_word(to, word, va_arg(*args, size_t));
			break;
		default:
			word = va_arg(*args, const char *);
			add(to, word, strlen(word));
		}
	}
}

int policy_fail(struct policy_error *err, const struct policy_place *place, int code,
		const char *format, ...)
{
	struct text text;
	va_list args;

	if (!err)
		return code;
	text = (struct text){ err->text, err->text + sizeof(err->text) - 1 };
	err->file = place->file;
	err->line = place->line;
	err->column = place->column;
	va_start(args, format);
	add_format(&text, format, &args);
	va_end(args);
	*text.at = '\0';
	return code;
}

int policy_fail_memory(struct policy_error *err, const struct policy_place *place)
{
	return policy_fail(err, place, -ENOMEM, "not enough memory to read the policy");
}
