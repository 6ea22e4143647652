/* SPDX-License-Identifier: MIT
 * Asks for the attributes past their cache, reads nothing, gives up clean pages. */
#include "shim/revalidate.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "policy/sys.h"
#include "shim/object.h"

/* By linux/magic.h: what no other host writes. Reading it again from a disk would cost, and bring
 * nothing. */
static const uint32_t local_file_systems[] = {
	0xef53,     /* ext2, ext3, ext4 */
	0x58465342, /* xfs */
	0x9123683e, /* btrfs */
	0xf2f52010, /* f2fs */
	0x01021994, /* tmpfs */
	0x858458f6, /* ramfs */
	0x958458f6, /* hugetlbfs */
};

static bool is_local(uint32_t magic)
{
	size_t i;

	for (i = 0; i < sizeof local_file_systems / sizeof local_file_systems[0]; i++)
		if (local_file_systems[i] == magic)
			return true;
	return false;
}

#define KERNEL_STATX_BASIC_STATS 0x7ffu
#define KERNEL_AT_STATX_FORCE_SYNC 0x2000

/* With the times among what is asked for, NFS writes out first what is dirty here. */
static int ask_server(int fd)
{
#ifdef SYS_statx
	int saved = errno;
	uint64_t answer[32]; /* struct statx */

	return (int)sys_result(syscall(SYS_statx, fd, "",
				       AT_EMPTY_PATH | KERNEL_AT_STATX_FORCE_SYNC,
				       KERNEL_STATX_BASIC_STATS, answer),
			       saved);
#else
	(void)fd;
	return -ENOSYS;
#endif
}

/* A read of no bytes: NFS takes mapped pages away too where the answer was of a newer file. The
 * zeros are right wherever a 32-bit machine wants the halves of the offset. */
static void use_answer(int fd)
{
	int saved = errno;
	char nothing;

	(void)sys_result(syscall(SYS_pread64, fd, &nothing, 0, 0, 0, 0), saved);
}

int revalidate(int fd)
{
	int error, tries = 16;

	if (is_local(object_magic(fd)))
		return 0;
	do
		error = ask_server(fd);
	while (error == -EINTR && --tries);
	use_answer(fd);
	/* Changes within one tick of the server's clock look like none. libc knows how each machine
	 * passes the offsets; it leaves errno alone. */
	(void)posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
	return error;
}
