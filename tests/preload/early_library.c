/* SPDX-License-Identifier: MIT
 * A library whose constructor locks, and closes, before a preloaded object's constructor runs. */
#include "tests/preload/early.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

struct early early = { .fd = -1 };

__attribute__((constructor)) static void lock_early(void)
{
	FILE *stream = tmpfile();

	strcpy(early.path, "/tmp/lockshim-early-XXXXXX");
	if (stream)
		fclose(stream);
	early.fd = mkostemp(early.path, O_CLOEXEC);
	close(dup(early.fd));
	early.flags = fcntl(early.fd, F_GETFL);
	early.result = flock(early.fd, LOCK_EX | LOCK_NB);
}
