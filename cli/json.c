/* SPDX-License-Identifier: MIT
 * Writes JSON, indented as util-linux does. */
#include "cli/json.h"

#include <stddef.h>

/* Bytes of the UTF-8 sequence at TEXT; 0: it is none. */
static size_t sequence(const unsigned char *text)
{
	static const struct {
		unsigned char mask, lead, least, most; /* of the second byte */
	} leads[] = {
		{ 0xe0, 0xc0, 0x80, 0xbf }, { 0xff, 0xe0, 0xa0, 0xbf }, { 0xff, 0xed, 0x80, 0x9f },
		{ 0xf0, 0xe0, 0x80, 0xbf }, { 0xff, 0xf0, 0x90, 0xbf }, { 0xff, 0xf4, 0x80, 0x8f },
		{ 0xfc, 0xf0, 0x80, 0xbf },
	};
	size_t length = text[0] < 0xe0 ? 2 : text[0] < 0xf0 ? 3 : 4;

	if (text[0] < 0x80)
		return 1;
	if (text[0] < 0xc2 || text[0] > 0xf4)
		return 0;
	for (size_t i = 0; i < sizeof(leads) / sizeof(leads[0]); i++) {
		if ((text[0] & leads[i].mask) != leads[i].lead)
			continue;
		if (text[1] < leads[i].least || text[1] > leads[i].most)
			return 0;
		break;
	}
	for (size_t i = 2; i < length; i++) {
		if ((text[i] & 0xc0) != 0x80)
			return 0;
	}
	return length;
}

static size_t plain_length(const unsigned char *text)
{
	size_t length = 0;

	while (text[length] >= 0x20 && text[length] < 0x80 && text[length] != '"' &&
	       text[length] != '\\')
		length++;
	return length;
}

/* What is no UTF-8 goes as a lone surrogate, as Python's file names have it. */
void cli_json_put_text(FILE *to, const char *text)
{
	const unsigned char *at = (const unsigned char *)text;

	fputc('"', to);
	while (*at) {
		size_t plain = plain_length(at), length;

		fwrite(at, plain, 1, to);
		at += plain;
		length = sequence(at);
		if (!*at)
			break;
		if (!length)
			fprintf(to, "\\udc%02x", *at);
		else if (*at == '"' || *at == '\\')
			fprintf(to, "\\%c", *at);
		else if (*at < 0x20)
			fprintf(to, "\\u%04x", *at);
		else
			fwrite(at, length, 1, to);
		at += length ? length : 1;
	}
	fputc('"', to);
}

static void start_line(const struct cli_json *json)
{
	printf("\n%*s", 3 * (int)json->depth, "");
}

static void begin(struct cli_json *json, const char *key)
{
	if (json->follows)
		putchar(',');
	if (json->depth)
		start_line(json);
	if (key) {
		cli_json_put_text(stdout, key);
		printf(": ");
	}
	json->follows = true;
}

void cli_json_open(struct cli_json *json, const char *key, char bracket)
{
	begin(json, key);
	putchar(bracket);
	json->depth++;
	json->follows = false;
}

void cli_json_close(struct cli_json *json, char bracket)
{
	json->depth--;
	if (json->follows)
		start_line(json);
	putchar(bracket);
	json->follows = true;
	if (!json->depth)
		putchar('\n');
}

void cli_json_text(struct cli_json *json, const char *key, const char *value)
{
	begin(json, key);
	if (value)
		cli_json_put_text(stdout, value);
	else
		printf("null");
}

void cli_json_number(struct cli_json *json, const char *key, long long value)
{
	begin(json, key);
	printf("%lld", value);
}

void cli_json_bool(struct cli_json *json, const char *key, bool value)
{
	begin(json, key);
	printf(value ? "true" : "false");
}

void cli_json_share(struct cli_json *json, const char *key, unsigned long long millionths)
{
	begin(json, key);
	printf("%llu.%06llu", millionths / 1000000, millionths % 1000000);
}
