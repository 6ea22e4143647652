/* SPDX-License-Identifier: MIT
 * What is harmless, and what stands for the rest. */
#include "cli/escape.h"
#include "cli/memory.h"

#include <err.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"

static size_t escape(char *to, unsigned char byte, unsigned char next)
{
	static const char from[] = "\n\t\r\v\f\"\\<>", letters[] = "ntrvf\"\\<>";
	const char *place = strchr(from, byte);

	if (place) {
		to[0] = '\\';
		to[1] = letters[place - from];
		return 2;
	}
	if (byte >= ' ' && byte < 0x7f) {
		to[0] = (char)byte;
		return 1;
	}
	/* A digit behind would be read with a shorter number. */
	return (size_t)sprintf(to, next >= '0' && next <= '7' ? "\\%03o" : "\\%o", byte);
}

const char *cli_escape(const char *name)
{
	static char *buffer;
	static size_t room;
	size_t need = 4 * strlen(name) + 1;
	char *to;

	if (!buffer || need > room) {
		free(buffer);
		buffer = malloc(need);
		if (!buffer)
			errx(CLI_FAILED, "out of memory");
		room = need;
	}
	to = buffer;
	for (; *name; name++)
		to += escape(to, (unsigned char)name[0], (unsigned char)name[1]);
	*to = '\0';
	return buffer;
}

static size_t length_by(unsigned char first)
{
	static const struct {
		unsigned char below;
		size_t len;
	} rows[] = { { 0x80, 1 }, { 0xc2, 0 }, { 0xe0, 2 }, { 0xf0, 3 }, { 0xf5, 4 } };

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (first < rows[i].below)
			return rows[i].len;
	}
	return 0;
}

/* Those of the second hundred begin with 0xc2. */
static bool is_control(const unsigned char *text)
{
	return (text[0] < ' ' && text[0] != '\t') || text[0] == 0x7f ||
	       (text[0] == 0xc2 && text[1] < 0xa0);
}

size_t cli_escape_character(const char *text)
{
	const unsigned char *bytes = (const unsigned char *)text;
	size_t len = length_by(bytes[0]);

	if (is_control(bytes))
		return 0;
	for (size_t i = 1; i < len; i++) {
		if ((bytes[i] & 0xc0) != 0x80)
			return 0;
	}
	return len;
}

const char *cli_escape_line(const char *text)
{
	char *line = cli_memory_get(4 * strlen(text) + 1), *to = line;

	while (*text) {
		size_t len = cli_escape_character(text);

		if (len)
			to = mempcpy(to, text, len);
		else
			to += sprintf(to, "\\%03o", (unsigned char)*text);
		text += len ? len : 1;
	}
	return line;
}
