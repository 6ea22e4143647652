/* SPDX-License-Identifier: MIT
 * Names that anybody may have chosen, made harmless for a terminal and a line of text. */
#ifndef CLI_ESCAPE_H
#define CLI_ESCAPE_H

/* As strace does: quotes, backslashes, angle brackets and all that is not printable ASCII as \n or
 * \ooo. Good until the next call. */
const char *cli_escape(const char *name);

#endif
