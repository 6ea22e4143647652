/* SPDX-License-Identifier: MIT
 * Names of files, put together without stdio. */
#ifndef LOCKSHIM_TRACE_WRITER_TEXT_H
#define LOCKSHIM_TRACE_WRITER_TEXT_H

#include <stddef.h>
#include <stdint.h>

#define WRITER_TEXT 80

struct writer_text {
	char text[WRITER_TEXT]; /* what is too much is cut */
	size_t len;
};

static inline void writer_text_add(struct writer_text *to, const char *text)
{
	while (*text && to->len + 1 < sizeof to->text)
		to->text[to->len++] = *text++;
	to->text[to->len] = 0;
}

static inline void writer_text_number(struct writer_text *to, uint64_t number, unsigned base)
{
	char digits[24];
	size_t at = sizeof digits - 1;

	digits[at] = 0;
	do
		digits[--at] = "0123456789abcdef"[number % base];
	while (number /= base);
	writer_text_add(to, digits + at);
}

#endif
