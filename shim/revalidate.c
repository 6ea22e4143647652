/* SPDX-License-Identifier: MIT
 * Asks for the attributes past their cache, reads nothing, gives up clean pages. What each of the
 * three does alone is measured in tests/nfs and tests/preload/revalidate_table.c. */
#include "shim/revalidate.h"

#include <stdbool.h>
#include <stdint.h>

#include "policy/sys.h"

/* The kernel's struct statx as far as it is read here, whatever libc's headers know of it. */
struct answer {
	uint32_t before[7];
	uint16_t mode, unused;
	uint64_t between[13];
	uint32_t device_major, device_minor;
	uint64_t later[14];
};
_Static_assert(sizeof(struct answer) == 256, "the kernel writes 256 bytes");

#define KERNEL_STATX_BASIC_STATS 0x7ffu
#define KERNEL_AT_STATX_FORCE_SYNC 0x2000

/* With the times among what is asked for, NFS writes out first what is dirty here. */
static int ask_server(int fd, struct answer *ret)
{
#ifdef SYS_statx
	int saved = errno;

	return (int)sys_result(syscall(SYS_statx, fd, "",
				       AT_EMPTY_PATH | KERNEL_AT_STATX_FORCE_SYNC,
				       KERNEL_STATX_BASIC_STATS, ret),
			       saved);
#else
	(void)fd;
	(void)ret;
	return -ENOSYS;
#endif
}

/* On a disk of this host there is one cache; a file system of several hosts on one disk keeps
 * theirs the same by itself. Without a disk the number's first half is 0. */
static bool has_one_cache(const struct answer *answer)
{
	return !S_ISREG(answer->mode) || answer->device_major;
}

/* A read of no bytes has NFS take away mapped pages too, where the answer was of a newer file. The
 * zeros are right wherever a machine wants the halves of the offset. */
static void use_answer(int fd)
{
	int saved = errno;
	char nothing;

	(void)sys_result(syscall(SYS_pread64, fd, &nothing, 0, 0, 0, 0), saved);
}

int revalidate(int fd)
{
	struct answer answer = { .mode = S_IFREG };
	int error, tries = 16;

	do
		error = ask_server(fd, &answer);
	while (error == -EINTR && --tries);
	if (error == -EBADF || (!error && has_one_cache(&answer)))
		return error;
	if (!error)
		use_answer(fd);
	/* NFS does not go by the answer where a descriptor of this host may write, nor where the
	 * server's clock has not ticked since. libc's function knows how each machine passes the
	 * offsets; it leaves errno alone. */
	(void)posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
	return error;
}
