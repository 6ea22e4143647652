/* SPDX-License-Identifier: MIT
 * The values in a script's line. Each returns false where the text is none. */
#ifndef TEST_MAKE_TRACE_VALUES_H
#define TEST_MAKE_TRACE_VALUES_H

#include <stdbool.h>
#include <stdint.h>

/* Also beyond INT64_MAX, as its bits. */
bool make_trace_read_number(const char *text, int64_t *ret);
/* Seconds, as nanoseconds. */
bool make_trace_read_time(const char *text, int64_t *ret);
/* The word's place in WORDS, which end in NULL. */
bool make_trace_read_word(const char *text, const char *const *words, int64_t *ret);
/* Words joined by commas, each a bit by its place; "none" is 0. TEXT is changed. */
bool make_trace_read_bits(char *text, const char *const *words, int64_t *ret);
/* An errno by name or number. */
bool make_trace_read_error(const char *text, int64_t *ret);
/* MAJOR:MINOR */
bool make_trace_read_device(const char *text, int64_t *ret);

void make_trace_undo_escapes(char *text);

#endif
