/* SPDX-License-Identifier: MIT
 * Escapes. */
#include "cli/advise_trace_text.h"
#include "cli/escape.h"
#include "cli/memory.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

enum { COMMENT_MAX = 200, GLOB_MAX = 900 };

static bool is_control(char c)
{
	return (unsigned char)c < 0x20 || c == 0x7f;
}

const char *advise_comment(const char *text)
{
	const char *escaped = cli_escape(text);

	return cli_memory_format("%.*s%s", COMMENT_MAX, escaped,
				 strlen(escaped) > COMMENT_MAX ? "..." : "");
}

/* It would be trimmed. */
static bool is_outer_blank(const char *text, size_t i)
{
	return text[i] == ' ' && (!i || !text[i + 1]);
}

static char *put(char *to, const char *text, size_t i)
{
	if (is_control(text[i]))
		return stpcpy(to, "?");
	if (is_outer_blank(text, i))
		return stpcpy(to, "[ ]");
	if (strchr("*?[\\,", text[i]) || (!i && text[i] == '!'))
		*to++ = '\\';
	*to++ = text[i];
	return to;
}

const char *advise_glob(const char *text, bool prefix)
{
	char *glob = cli_memory_get(3 * GLOB_MAX + 3), *to = glob;
	size_t i;

	for (i = 0; i < GLOB_MAX && text[i]; i++)
		to = put(to, text, i);
	if (text[i] || prefix)
		strcpy(to, "**");
	return glob;
}

bool advise_is_plain(const char *text)
{
	for (size_t i = 0; text[i]; i++) {
		if (i >= GLOB_MAX || is_control(text[i]) || is_outer_blank(text, i))
			return false;
	}
	return true;
}

const char *advise_label(const char *text, size_t len)
{
	char *label = cli_memory_get(len + 1);

	for (size_t i = 0; i < len && text[i]; i++)
		label[i] =
			isalnum((unsigned char)text[i]) || strchr("._-", text[i]) ? text[i] : '_';
	return label;
}

const char *advise_figure(unsigned long long figure)
{
	char digits[24], *to, *text = cli_memory_get(32);
	int len = snprintf(digits, sizeof(digits), "%llu", figure);

	to = text;
	for (int i = 0; i < len; i++) {
		if (i && (len - i) % 3 == 0)
			*to++ = ',';
		*to++ = digits[i];
	}
	return text;
}
