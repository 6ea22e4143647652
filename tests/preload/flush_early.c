/* SPDX-License-Identifier: MIT
 * A library that test_preload_flush_calls is linked with. FLUSH_EARLY=FILE: its constructor, before
 * the preloaded one's, locks FILE, writes and closes. FLUSH_LATE: its destructor writes. */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <unistd.h>

#define FD 77

__attribute__((constructor)) static void begin(void)
{
	const char *path = getenv("FLUSH_EARLY");

	if (!path)
		return;
	(void)dup2(open(path, O_RDWR | O_CLOEXEC), FD);
	(void)flock(FD, LOCK_EX);
	(void)!write(FD, "early", 5);
	(void)close(FD);
}

__attribute__((destructor)) static void end(void)
{
	if (getenv("FLUSH_LATE"))
		(void)!write(FD, "late", 4);
}
