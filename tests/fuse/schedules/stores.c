/* SPDX-License-Identifier: MIT
 * How records get into the file. */
#include "tests/fuse/schedules/act.h"

#include <string.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

static void put(struct act *act, const char *data, size_t size, off_t offset)
{
	act_must(pwrite(act->writes, data, size, offset) == (ssize_t)size);
}

static void store_write(struct act *act)
{
	act_must(lseek(act->writes, act->end, SEEK_SET) == act->end);
	for (size_t done = 0; done < act->size; done += RECORD_SIZE)
		act_must(write(act->writes, act->data + done, RECORD_SIZE) == RECORD_SIZE);
}

static void store_pwrite(struct act *act)
{
	put(act, act->data, act->size, act->end);
}

static void store_writev(struct act *act)
{
	struct iovec parts[] = { { act->data, 5 }, { act->data + 5, act->size - 5 } };

	act_must(lseek(act->writes, act->end, SEEK_SET) == act->end);
	act_must(writev(act->writes, parts, 2) == (ssize_t)act->size);
}

/* A page that can't be read in is a signal, which ends it as well. */
static void store_mapping(struct act *act)
{
	size_t size = (size_t)act->end + act->size;
	char *mapping;

	act_must(ftruncate(act->writes, (off_t)size) == 0);
	mapping = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, act->writes, 0);
	act_must(mapping != MAP_FAILED);
	memcpy(mapping + act->end, act->data, act->size);
}

void act_store(struct act *act)
{
	static void (*const stores[STORE_COUNT])(struct act *) = {
		[STORE_WRITE] = store_write,   [STORE_PWRITE] = store_pwrite,
		[STORE_WRITEV] = store_writev, [STORE_MAPPING] = store_mapping,
		[STORE_OTHER] = store_pwrite,
	};

	/* A stream's data is not written here, but when the stream is closed. */
	if (act_is_buffered(act->turn->way)) {
		act->stream = fdopen(act->fd, "r+");
		act_must(act->stream && fseeko(act->stream, act->end, SEEK_SET) == 0 &&
			 fwrite(act->data, act->size, 1, act->stream) == 1);
	} else if (act_is_read_only(act->turn->way)) {
		store_pwrite(act);
	} else {
		stores[act->turn->store](act);
	}
}
