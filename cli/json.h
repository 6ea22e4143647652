/* SPDX-License-Identifier: MIT
 * JSON on standard output. A key is NULL in an array and at the top. */
#ifndef CLI_JSON_H
#define CLI_JSON_H

#include <stdbool.h>
#include <stdio.h>

struct cli_json {
	unsigned depth;
	bool follows; /* something stands before, at this depth */
};

/* BRACKET: { or [. */
void cli_json_open(struct cli_json *json, const char *key, char bracket);
void cli_json_close(struct cli_json *json, char bracket);

/* A string with its quotes. A byte that begins no UTF-8 becomes \udc80 to \udcff. */
void cli_json_put_text(FILE *to, const char *text);

/* NULL is null. */
void cli_json_text(struct cli_json *json, const char *key, const char *value);
void cli_json_number(struct cli_json *json, const char *key, long long value);
/* Of 1. */
void cli_json_share(struct cli_json *json, const char *key, unsigned long long millionths);
void cli_json_bool(struct cli_json *json, const char *key, bool value);

#endif
