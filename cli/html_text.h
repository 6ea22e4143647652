/* SPDX-License-Identifier: MIT
 * JSON that can stand in a page: compact, in memory, and with no < that could end a script. */
#ifndef CLI_HTML_TEXT_H
#define CLI_HTML_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cli_html_text {
	char *at;
	size_t length, room, most;
	bool full; /* it would have been more than `most`: what came then is not there */
};

void cli_html_put(struct cli_html_text *text, const char *bytes, size_t length);

/* As it stands: brackets and keys of our own. */
void cli_html_put_raw(struct cli_html_text *text, const char *json);

/* With a comma before it where a value stands before. Beyond what a double holds exactly: as a
 * string. */
void cli_html_put_number(struct cli_html_text *text, uint64_t number);
void cli_html_put_signed(struct cli_html_text *text, int64_t number);

/* A string. Bytes that are no UTF-8 become \xHH, as text. NULL is null. */
void cli_html_put_string(struct cli_html_text *text, const char *string);

#endif
