/* SPDX-License-Identifier: MIT
 * The kernel tells once that what was written could not be stored: to a flush of ours, perhaps. The
 * program's own answer has it then. */
#include <unistd.h>

#include "shim/flush.h"
#include "shim/next.h"
#include "shim/wrap.h"

/* Overrides libc's fsync. Not seen: sync_file_range, syncfs, msync, io_uring. */
EXPORT int fsync(int fd)
{
	int result = NEXT(fsync)(fd);

	return flush_on() ? flush_answer_sync(fd, result) : result;
}

/* The same for fdatasync. */
EXPORT int fdatasync(int fd)
{
	int result = NEXT(fdatasync)(fd);

	return flush_on() ? flush_answer_sync(fd, result) : result;
}
