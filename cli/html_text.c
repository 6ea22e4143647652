/* SPDX-License-Identifier: MIT
 * Writes JSON for the inside of a page. */
#include "cli/html_text.h"
#include "cli/html_set.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define EXACT (1ull << 53) /* doubles have every whole number below */

void cli_html_put(struct cli_html_text *text, const char *bytes, size_t length)
{
	if (text->full || length > text->most - text->length) {
		text->full = true;
		return;
	}
	while (text->room - text->length < length)
		text->at = cli_html_grow(text->at, text->room, &text->room, 1);
	memcpy(text->at + text->length, bytes, length);
	text->length += length;
}

void cli_html_put_raw(struct cli_html_text *text, const char *json)
{
	cli_html_put(text, json, strlen(json));
}

static void begin(struct cli_html_text *text)
{
	if (text->length && !strchr("[{:", text->at[text->length - 1]))
		cli_html_put(text, ",", 1);
}

static void put_digits(struct cli_html_text *text, const char *sign, uint64_t number)
{
	const char *quote = number > EXACT ? "\"" : "";
	char digits[32];
	int length =
		snprintf(digits, sizeof(digits), "%s%s%" PRIu64 "%s", quote, sign, number, quote);

	begin(text);
	cli_html_put(text, digits, (size_t)length);
}

void cli_html_put_number(struct cli_html_text *text, uint64_t number)
{
	put_digits(text, "", number);
}

void cli_html_put_signed(struct cli_html_text *text, int64_t number)
{
	put_digits(text, number < 0 ? "-" : "", number < 0 ? -(uint64_t)number : (uint64_t)number);
}

/* How many bytes the character at AT has, by RFC 3629; 0: it is none. */
static size_t character(const unsigned char *at)
{
	size_t length = at[0] < 0x80 ? 1 : at[0] < 0xe0 ? 2 : at[0] < 0xf0 ? 3 : 4;

	if ((at[0] >= 0x80 && at[0] < 0xc2) || at[0] > 0xf4)
		return 0;
	for (size_t i = 1; i < length; i++) {
		if ((at[i] & 0xc0) != 0x80)
			return 0;
	}
	/* Overlong, a surrogate, or beyond the last. */
	if ((at[0] == 0xe0 && at[1] < 0xa0) || (at[0] == 0xed && at[1] > 0x9f) ||
	    (at[0] == 0xf0 && at[1] < 0x90) || (at[0] == 0xf4 && at[1] > 0x8f))
		return 0;
	return length;
}

/* As JSON's escape of a character, or as text that shows a byte which is none. */
static void put_escaped(struct cli_html_text *text, unsigned byte, bool shown)
{
	char escaped[16];
	int length = shown ? snprintf(escaped, sizeof(escaped), "\\\\x%02x", byte)
			   : snprintf(escaped, sizeof(escaped), "\\u%04x", byte);

	cli_html_put(text, escaped, (size_t)length);
}

void cli_html_put_string(struct cli_html_text *text, const char *string)
{
	const unsigned char *at = (const unsigned char *)string;

	begin(text);
	if (!string) {
		cli_html_put_raw(text, "null");
		return;
	}
	cli_html_put(text, "\"", 1);
	while (*at) {
		size_t length = character(at);

		if (!length)
			put_escaped(text, *at, true);
		else if (*at < 0x20 || strchr("\"\\<>&\x7f", *at))
			put_escaped(text, *at, false);
		else
			cli_html_put(text, (const char *)at, length);
		at += length ? length : 1;
	}
	cli_html_put(text, "\"", 1);
}
