/* SPDX-License-Identifier: MIT
 * From what a program asks to the bytes of it. */
#include <errno.h>
#include <unistd.h>

#include "policy/sys.h"
#include "shim/mixed.h"

static bool base_of(int fd, short whence, int64_t *ret)
{
	int saved = errno;
	struct stat st;

	*ret = 0;
	switch (whence) {
	case SEEK_SET:
		return true;
	case SEEK_CUR:
		*ret = lseek(fd, 0, SEEK_CUR);
		errno = saved;
		return *ret >= 0;
	case SEEK_END:
		if (sys_fstat(fd, &st))
			return false;
		*ret = st.st_size;
		return true;
	default:
		return false;
	}
}

bool mixed_range_of(int fd, short whence, int64_t start, int64_t length, struct mixed_range *ret)
{
	int64_t base;

	if (!base_of(fd, whence, &base) || __builtin_add_overflow(base, start, &start) || start < 0)
		return false;
	ret->start = length < 0 ? start + length : start;
	ret->end = length < 0 ? start - 1 : MIXED_EOF;
	if (length > 0 && __builtin_add_overflow(start, length - 1, &ret->end))
		return false;
	return ret->start >= 0;
}
