/* SPDX-License-Identifier: MIT
 * One text in memory. */
#include "tests/fuse/lockfs/journal.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINE_MAX_SIZE 512

static char *text;
static size_t size, room;

static void append(const char *line, size_t length)
{
	if (size + length > room) {
		room = 2 * (size + length);
		text = realloc(text, room);
		if (!text)
			abort();
	}
	memcpy(text + size, line, length);
	size += length;
}

void journal_add(unsigned long number, const char *word, const char *file, const char *details, ...)
{
	char line[LINE_MAX_SIZE];
	va_list arguments;
	int length = snprintf(line, sizeof(line), "%lu %s %.255s ", number, word, file);

	va_start(arguments, details);
	length += vsnprintf(line + length, sizeof(line) - (size_t)length, details, arguments);
	va_end(arguments);
	if (length >= (int)sizeof(line))
		length = sizeof(line) - 1;
	if (line[length - 1] == ' ')
		length--;
	line[length++] = '\n';
	append(line, (size_t)length);
}

static bool next_is(const char **at, const char *end, const char *word)
{
	const char *begin = *at;
	size_t length;

	while (*at < end && **at != ' ')
		(*at)++;
	length = (size_t)(*at - begin);
	*at += *at < end;
	return !word || (strlen(word) == length && !memcmp(begin, word, length));
}

static bool is_about(const char *at, const char *end, const char *word, const char *file)
{
	return next_is(&at, end, NULL) && next_is(&at, end, word) && next_is(&at, end, file);
}

char *journal_copy(const char *file, size_t *ret_size)
{
	char *copy = malloc(size + 1);
	const char *end;

	if (!copy)
		abort();
	*ret_size = 0;
	for (const char *at = text; at && at < text + size; at = end + 1) {
		end = memchr(at, '\n', (size_t)(text + size - at));
		if (!is_about(at, end, NULL, file))
			continue;
		memcpy(copy + *ret_size, at, (size_t)(end + 1 - at));
		*ret_size += (size_t)(end + 1 - at);
	}
	return copy;
}

unsigned journal_count(const char *word, const char *file, size_t *from)
{
	unsigned found = 0;
	const char *end;

	for (const char *at = text + *from; at < text + size; at = end + 1) {
		end = memchr(at, '\n', (size_t)(text + size - at));
		found += is_about(at, end, word, file);
	}
	*from = size;
	return found;
}

void journal_clear(void)
{
	size = 0;
}
