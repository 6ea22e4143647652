/* SPDX-License-Identifier: MIT
 * The journal: what arrived, in order, a line each: NUMBER WORD FILE [DETAILS]. A line about what
 * became of a request has that request's number. README.md has the words. */
#ifndef LOCKFS_JOURNAL_H
#define LOCKFS_JOURNAL_H

#include <stddef.h>

__attribute__((format(printf, 4, 5))) void journal_add(unsigned long number, const char *word,
						       const char *file, const char *details, ...);

/* The lines about FILE, or all where it is NULL, to be freed. */
char *journal_copy(const char *file, size_t *ret_size);

/* How many lines from byte *FROM on have WORD and FILE; moves *FROM to the end. */
unsigned journal_count(const char *word, const char *file, size_t *from);

void journal_clear(void);

#endif
