/* SPDX-License-Identifier: MIT
 * Compiled without 64-bit offsets: on 32-bit struct flock is the old one. */
#include "shim/record_argument.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(F_SETLK64) && F_SETLK64 != F_SETLK
typedef struct flock64 wide_flock;
static bool is_narrow(int command)
{
	return command == F_GETLK || command == F_SETLK || command == F_SETLKW;
}
#else
typedef struct flock wide_flock;
static bool is_narrow(int command)
{
	(void)command;
	return false;
}
#endif

_Static_assert(sizeof(wide_flock) <= RECORD_ARGUMENT_MAX, "room for either layout");

unsigned record_argument_size(int command)
{
	return is_narrow(command) ? sizeof(struct flock) : sizeof(wide_flock);
}

/* What the kernel can't read is its to answer. It reads the set before it looks at the way. */
static bool is_readable_at(const void *at)
{
	const int no_such_way = -1;

	syscall(SYS_rt_sigprocmask, no_such_way, at, NULL, 8);
	return errno != EFAULT;
}

/* Smaller than any page of any machine that we know. */
#define PAGE 4096

/* What lies on the same page as our own frame is there. */
static bool is_readable(const void *at, size_t size)
{
	const uintptr_t here = (uintptr_t)__builtin_frame_address(0) / PAGE;
	const char *last = (const char *)at + size - 8;
	int saved = errno;
	bool readable;

	if ((uintptr_t)at / PAGE == here && (uintptr_t)(last + 7) / PAGE == here)
		return true;
	readable = is_readable_at(at) && is_readable_at(last);
	errno = saved;
	return readable;
}

#ifndef __LP64__
void record_argument_copy(int command, const void *argument, struct record_argument *ret)
{
	wide_flock wide;
	struct flock narrow;

	if (is_narrow(command)) {
		memcpy(&narrow, argument, sizeof narrow);
		*ret = (struct record_argument){ narrow.l_type, narrow.l_whence, narrow.l_start,
						 narrow.l_len, narrow.l_pid };
		return;
	}
	memcpy(&wide, argument, sizeof wide);
	*ret = (struct record_argument){ wide.l_type, wide.l_whence, wide.l_start, wide.l_len,
					 wide.l_pid };
}
#endif

bool record_argument_read(int command, const void *argument, struct record_argument *ret)
{
	if (!is_readable(argument, record_argument_size(command)))
		return false;
	record_argument_copy(command, argument, ret);
	return true;
}

static bool write_narrow(void *argument, const struct record_argument *from)
{
	struct flock *narrow = argument;

	if (from->start > INT32_MAX)
		return false;
	narrow->l_type = from->type;
	narrow->l_whence = from->whence;
	narrow->l_start = (off_t)from->start;
	/* As the kernel cuts it. */
	narrow->l_len = (off_t)(from->length > INT32_MAX ? INT32_MAX : from->length);
	narrow->l_pid = from->pid;
	return true;
}

bool record_argument_write(int command, void *argument, const struct record_argument *from)
{
	wide_flock *wide = argument;

	if (is_narrow(command))
		return write_narrow(argument, from);
	wide->l_type = from->type;
	wide->l_whence = from->whence;
	wide->l_start = from->start;
	wide->l_len = from->length;
	wide->l_pid = from->pid;
	return true;
}
