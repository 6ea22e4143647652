/* SPDX-License-Identifier: MIT
 * What the unit tests share: memory that can run out, a directory, answers as one line of text. */
#ifndef LOCKSHIM_UNIT_H
#define LOCKSHIM_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "policy/policy.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

struct unit_row {
	const char *text, *expected;
};

extern const struct policy_memory unit_memory;
extern size_t unit_memory_calls;   /* since unit_forget() */
extern size_t unit_memory_fail_at; /* that call and all after it get nothing; 0: none fails */
extern struct policy *unit_policy; /* what was read last, NULL after an error */
extern int unit_result;
extern struct policy_error unit_error;

/* Gives all memory back. */
void unit_forget(void);

/* Read into unit_policy; answer "ok" or "file:line:column: text", in one static buffer. "@" in
 * TEXT and in files written stands for the test's directory, and comes back so. */
const char *unit_parse(const char *text);
const char *unit_parse_bytes(const char *text, size_t len);
const char *unit_load(const char *name);
const char *unit_overlay(const char *text);

void unit_check_parse(const struct unit_row *rows, size_t count);

/* The test's own directory, made at first use, removed at exit; and a path in it. */
const char *unit_directory(void);
const char *unit_path(const char *name);
void unit_write(const char *name, const char *text, unsigned mode);

/* A repeatable stream of numbers below LIMIT. */
unsigned unit_random(unsigned limit);

#endif
