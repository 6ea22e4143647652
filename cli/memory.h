/* SPDX-License-Identifier: MIT
 * Memory and text of the command. All of it lives until the command ends or execs. */
#ifndef CLI_MEMORY_H
#define CLI_MEMORY_H

#include <stddef.h>
#include "policy/policy.h"

/* Zeroed memory. Ends the command where there is none. */
void *cli_memory_get(size_t size);

/* The same as the policy library wants it. */
extern const struct policy_memory cli_memory_for_policy;

/* As sprintf, into fresh memory. */
char *cli_memory_format(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The whole file with a NUL after it, or NULL with errno. *ret_len may be NULL. */
char *cli_memory_read(const char *file, size_t *ret_len);

/* The same of an open file, from where it stands; FD stays open. */
char *cli_memory_read_fd(int fd, size_t *ret_len);

/* PATH from the root on: the working directory put before it, symbolic links kept. */
const char *cli_memory_absolute(const char *path);

#endif
