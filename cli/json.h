/* SPDX-License-Identifier: MIT
 * JSON on standard output. A key is NULL in an array and at the top. */
#ifndef CLI_JSON_H
#define CLI_JSON_H

#include <stdbool.h>

struct cli_json {
	unsigned depth;
	bool follows; /* something stands before, at this depth */
};

/* BRACKET: { or [. */
void cli_json_open(struct cli_json *json, const char *key, char bracket);
void cli_json_close(struct cli_json *json, char bracket);

/* NULL is null. Bytes that are no UTF-8 go out as they are. */
void cli_json_text(struct cli_json *json, const char *key, const char *value);
void cli_json_number(struct cli_json *json, const char *key, long long value);
void cli_json_bool(struct cli_json *json, const char *key, bool value);

#endif
