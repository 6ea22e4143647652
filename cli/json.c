/* SPDX-License-Identifier: MIT
 * Writes JSON, indented as util-linux does. */
#include "cli/json.h"

#include <stdio.h>

static void put_text(const char *text)
{
	putchar('"');
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			printf("\\%c", *text);
		else if ((unsigned char)*text < 0x20)
			printf("\\u%04x", *text);
		else
			putchar(*text);
	}
	putchar('"');
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
		put_text(key);
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
		put_text(value);
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
