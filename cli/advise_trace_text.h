/* SPDX-License-Identifier: MIT
 * Names from a trace as a policy file can hold them: none ends a line, an item or a rule's name. */
#ifndef CLI_ADVISE_TRACE_TEXT_H
#define CLI_ADVISE_TRACE_TEXT_H

#include <stdbool.h>
#include <stddef.h>

/* TEXT for a comment: escaped as everywhere, and cut at 200 bytes. */
const char *advise_comment(const char *text);

/* A glob, as an item of a list, that takes TEXT; PREFIX: and what goes on behind it. What can't
 * stand in a line is taken by ?, what is too long by ** at its end. */
const char *advise_glob(const char *text, bool prefix);

/* True where advise_glob() of TEXT has no wildcard: it takes TEXT alone, and can be a mount point.
 */
bool advise_is_plain(const char *text);

/* TEXT as a part of a rule's name, of at most LEN bytes. */
const char *advise_label(const char *text, size_t len);

/* The figure with commas, as 1,234,567. */
const char *advise_figure(unsigned long long figure);

#endif
