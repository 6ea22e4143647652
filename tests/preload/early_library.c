/* SPDX-License-Identifier: MIT
 * A library whose constructor locks, and closes, before a preloaded object's constructor runs. */
#include "tests/preload/early.h"

#include <fcntl.h>
#include <link.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

/* As somebody who attached to a probe does, before any constructor runs. OFFSET: of its semaphore
 * in the library, as nm prints it. */
static int raise_semaphore(struct dl_phdr_info *object, size_t size, void *offset)
{
	uint16_t *semaphore = (uint16_t *)(object->dlpi_addr + *(uintptr_t *)offset);

	(void)size;
	if (!object->dlpi_name || !strstr(object->dlpi_name, "liblockshim.so"))
		return 0;
	++*semaphore;
	return 1;
}

struct early early = { .fd = -1 };

__attribute__((constructor)) static void lock_early(void)
{
	struct flock whole = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	const char *semaphore = getenv("EARLY_SEMAPHORE");
	uintptr_t offset = semaphore ? strtoull(semaphore, NULL, 16) : 0;
	FILE *stream;

	early.raised = semaphore ? dl_iterate_phdr(raise_semaphore, &offset) : 0;
	strcpy(early.path, "/tmp/lockshim-early-XXXXXX");
	early.fd = mkostemp(early.path, O_CLOEXEC);
	/* The first call that comes to a wrapper. */
	early.result = fcntl(early.fd, F_SETLK, &whole);
	whole.l_type = F_UNLCK;
	early.result |= fcntl(early.fd, F_SETLK, &whole);
	stream = tmpfile();
	if (stream)
		fclose(stream);
	close(dup(early.fd));
	early.flags = fcntl(early.fd, F_GETFL);
	early.result |= flock(early.fd, LOCK_EX | LOCK_NB);
}
