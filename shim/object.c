/* SPDX-License-Identifier: MIT
 * statx, fstatfs and readlink of one descriptor. */
#include "shim/object.h"

#include <string.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>

#include "policy/sys.h"
#include "shim/mounts.h"
#include "shim/proc_fd.h"

static const char *kind_of(mode_t mode)
{
	switch (mode & S_IFMT) {
	case S_IFREG:
		return NULL;
	case S_IFDIR:
		return "a directory";
	case S_IFIFO:
		return "a pipe";
	case S_IFSOCK:
		return "a socket";
	case S_IFCHR:
	case S_IFBLK:
		return "a device";
	default:
		return "no file";
	}
}

/* The kernel's struct statx as far as it is read here, whatever libc's headers know of it. */
struct kernel_statx {
	uint32_t mask, block_size;
	uint64_t attributes;
	uint32_t links, user, group;
	uint16_t mode, unused;
	uint64_t inode, size, blocks, attributes_mask;
	struct {
		int64_t seconds;
		uint32_t nanoseconds, unused;
	} access, birth, change, modification;
	uint32_t special_major, special_minor, device_major, device_minor;
	uint64_t mount;
	uint64_t later[13];
};
_Static_assert(sizeof(struct kernel_statx) == 256, "the kernel writes 256 bytes");

#define KERNEL_STATX_TYPE_NLINK_INO 0x105u
#define KERNEL_STATX_BTIME 0x800u
#define KERNEL_STATX_MNT_ID 0x1000u
#define KERNEL_STATX_MNT_ID_UNIQUE 0x4000u /* since 6.8: a number is never used again */
#define KERNEL_AT_STATX_DONT_SYNC 0x4000

static bool look_by_statx(int fd, struct object *ret)
{
#ifdef SYS_statx
	const unsigned wanted = KERNEL_STATX_TYPE_NLINK_INO | KERNEL_STATX_BTIME |
				KERNEL_STATX_MNT_ID | KERNEL_STATX_MNT_ID_UNIQUE;
	int saved = errno;
	struct kernel_statx st;

	if (sys_result(syscall(SYS_statx, fd, "", AT_EMPTY_PATH | KERNEL_AT_STATX_DONT_SYNC, wanted,
			       &st),
		       saved))
		return false;
	ret->device = policy_device(st.device_major, st.device_minor);
	ret->inode = st.inode;
	ret->links = st.links;
	if (st.mask & (KERNEL_STATX_MNT_ID | KERNEL_STATX_MNT_ID_UNIQUE))
		ret->mount = st.mount;
	if (st.mask & KERNEL_STATX_BTIME)
		ret->birth = (uint64_t)st.birth.seconds * 1000000000u + st.birth.nanoseconds;
	ret->kind = kind_of(st.mode);
	return true;
#else
	(void)fd;
	(void)ret;
	return false;
#endif
}

int object_look(int fd, struct object *ret)
{
	struct stat st;
	int error;

	*ret = (struct object){ 0 };
	if (look_by_statx(fd, ret))
		return 0;
	error = sys_fstat(fd, &st);
	if (error)
		return error;
	ret->device = policy_device(major(st.st_dev), minor(st.st_dev));
	ret->inode = st.st_ino;
	ret->links = (uint32_t)st.st_nlink;
	ret->kind = kind_of(st.st_mode);
	return 0;
}

uint32_t object_magic(int fd)
{
	int saved = errno;
#ifdef SYS_fstatfs64
	struct statfs64 fs = { 0 };
	long error = sys_result(syscall(SYS_fstatfs64, fd, sizeof fs, &fs), saved);
#else
	struct statfs fs = { 0 };
	long error = sys_result(syscall(SYS_fstatfs, fd, &fs), saved);
#endif

	return error ? 0 : (uint32_t)fs.f_type;
}

enum policy_treatment object_treatment(int fd, const struct mount_fact *fact, const char **ret_why)
{
	if (fact)
		return policy_treatment_by_name(fact->fstype, fact->local_flock, ret_why);
	return policy_treatment(object_magic(fd), false, ret_why);
}

/* The kernel marks a name that is gone. A file whose name ends so by itself is taken for one too.
 */
int object_path(int fd, char *into, const char **ret_path)
{
	static const char deleted[] = " (deleted)";
	long len = proc_fd_link(fd, into, OBJECT_PATH_ROOM);

	*ret_path = NULL;
	if (len < 0)
		return (int)len;
	if (len == OBJECT_PATH_ROOM)
		return -ENAMETOOLONG;
	into[len] = '\0';
	if (into[0] != '/' || !strncmp(into, "/memfd:", 7))
		return 0;
	len -= (long)sizeof deleted - 1;
	if (len > 0 && !strcmp(into + len, deleted))
		into[len] = '\0';
	*ret_path = into;
	return 0;
}
