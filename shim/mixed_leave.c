/* SPDX-License-Identifier: MIT
 * A process that ends takes its POSIX locks with it, and leaves what gave way to them empty. Where
 * another process has the flock too, it gets those bytes back. */
#include <stddef.h>

#include "policy/sys.h"
#include "shim/heir.h"
#include "shim/mixed.h"
#include "shim/mixed_files.h"
#include "shim/mixed_own.h"
#include "shim/numbers.h"
#include "shim/record.h"

static bool leave(void *context, int fd)
{
	(void)context;
	if (mixed_files_has(fd) && own_ofd_type(fd) != F_UNLCK && mixed_has_posix(fd) &&
	    heir_shares(fd)) {
		(void)record_set(fd, F_SETLK, F_UNLCK, 0, 0);
		mixed_regrow(fd);
	}
	return true;
}

/* By exit, not by a signal or _exit: then it is the next lock call of the other process that sees
 * to it. */
__attribute__((destructor)) static void leave_all(void)
{
	if (mixed_files_any())
		(void)numbers_each("/proc/self/fd", leave, NULL);
}
