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
	FILE *stream = tmpfile(), *records = tmpfile();
	struct flock whole = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	const char *semaphore = getenv("EARLY_SEMAPHORE");
	uintptr_t offset;

	strcpy(early.path, "/tmp/lockshim-early-XXXXXX");
	if (stream)
		fclose(stream);
	early.fd = mkostemp(early.path, O_CLOEXEC);
	close(dup(early.fd));
	early.flags = fcntl(early.fd, F_GETFL);
	if (semaphore) {
		offset = strtoull(semaphore, NULL, 16);
		early.raised = dl_iterate_phdr(raise_semaphore, &offset);
	}
	early.result = fcntl(fileno(records), F_SETLK, &whole);
	early.result |= flock(early.fd, LOCK_EX | LOCK_NB);
}
