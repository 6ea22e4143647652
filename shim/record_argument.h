/* SPDX-License-Identifier: MIT
 * The struct flock that a program hands to fcntl, in either of 32-bit's two layouts. */
#ifndef LOCKSHIM_RECORD_ARGUMENT_H
#define LOCKSHIM_RECORD_ARGUMENT_H

#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>

#define RECORD_ARGUMENT_MAX 32 /* bytes of the larger layout */

struct record_argument {
	short type, whence;
	int64_t start, length;
	int pid;
};

/* The bytes that COMMAND's argument has. */
unsigned record_argument_size(int command);

/* False where the kernel would answer EFAULT. */
bool record_argument_read(int command, const void *argument, struct record_argument *ret);

/* The same where the memory is known to be there. */
#ifdef __LP64__ /* one layout */
static inline void record_argument_copy(int command, const void *argument,
					struct record_argument *ret)
{
	const struct flock *from = (const struct flock *)argument;

	(void)command;
	ret->type = from->l_type;
	ret->whence = from->l_whence;
	ret->start = from->l_start;
	ret->length = from->l_len;
	ret->pid = from->l_pid;
}
#else
void record_argument_copy(int command, const void *argument, struct record_argument *ret);
#endif

/* False where a number does not fit: EOVERFLOW. The memory is known to be there. */
bool record_argument_write(int command, void *argument, const struct record_argument *from);

#endif
