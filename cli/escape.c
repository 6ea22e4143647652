/* SPDX-License-Identifier: MIT
 * One buffer that grows with the longest name. */
#include "cli/escape.h"

#include <err.h>
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
