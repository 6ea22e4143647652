/* SPDX-License-Identifier: MIT
 * Names that anybody may have chosen, made harmless for a terminal and a line of text. */
#ifndef CLI_ESCAPE_H
#define CLI_ESCAPE_H

#include <stddef.h>

/* As strace does: quotes, backslashes, angle brackets and all that is not printable ASCII as \n or
 * \ooo. Good until the next call. */
const char *cli_escape(const char *name);

/* Control characters and what is no UTF-8 as \ooo, the rest as it is; in memory of its own. */
const char *cli_escape_line(const char *text);

/* The length of the UTF-8 character at TEXT; 0 where it is none, or a control character other than
 * the tabulator. */
size_t cli_escape_character(const char *text);

#endif
