/* SPDX-License-Identifier: MIT
 * Looks at one file, through an O_PATH descriptor: nothing is opened for reading or writing. */
#include "cli/file.h"
#include "cli/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <unistd.h>

static const struct {
	mode_t type;
	const char *name;
} kinds[] = {
	{ S_IFDIR, "a directory" }, { S_IFIFO, "a pipe" },   { S_IFSOCK, "a socket" },
	{ S_IFCHR, "a device" },    { S_IFBLK, "a device" },
};

static void treat_by_kind(mode_t mode, struct cli_file *ret)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if ((mode & S_IFMT) != kinds[i].type)
			continue;
		ret->treatment = POLICY_PASS_ALWAYS;
		ret->why = kinds[i].name;
		ret->special = true;
	}
}

static void treat_by_file_system(int fd, const struct policy_mount *mount, struct cli_file *ret)
{
	struct statfs fs;
	uint32_t magic = fstatfs(fd, &fs) ? 0 : (uint32_t)fs.f_type;
	bool local = mount && policy_treatment_asks_mount(magic) &&
		     policy_mount_keeps_flock_local(mount);
	const char *why;

	ret->treatment = policy_treatment(magic, local, &why);
	if (ret->treatment != POLICY_CONVERT)
		ret->why = cli_memory_format("on %s", why);
}

/* By st_dev, and where no mount has that number (btrfs, overlay) by the mount itself. */
static bool find_mount(int fd, uint64_t device, const struct cli_mounts *mounts,
		       struct policy_mount *ret)
{
	return cli_mounts_of_device(mounts, device, ret) || cli_mounts_of_fd(mounts, fd, ret);
}

static bool look_through(int fd, const struct cli_mounts *mounts, struct cli_file *ret)
{
	struct policy_mount mount, through;
	struct stat st;
	bool found;

	if (fstat(fd, &st))
		return false;
	ret->facts.device = policy_device(major(st.st_dev), minor(st.st_dev));
	found = find_mount(fd, ret->facts.device, mounts, &mount);
	if (found) {
		ret->facts.device = mount.device;
		ret->facts.fstype = cli_memory_format("%.*s", (int)mount.fstype_len, mount.fstype);
		ret->mount_point = cli_mounts_point(
			cli_mounts_of_fd(mounts, fd, &through) ? &through : &mount);
	}
	if (ret->exists)
		treat_by_kind(st.st_mode, ret);
	if (!ret->why)
		treat_by_file_system(fd, found ? &mount : NULL, ret);
	return true;
}

static bool look_at(const char *path, const struct cli_mounts *mounts, struct cli_file *ret)
{
	int fd = open(path, O_PATH | O_CLOEXEC);
	bool looked;

	if (fd < 0)
		return false;
	looked = look_through(fd, mounts, ret);
	close(fd);
	return looked;
}

static const char *resolve(const char *path)
{
	char *full = realpath(path, NULL);
	const char *kept = full ? cli_memory_format("%s", full) : NULL;

	free(full);
	return kept;
}

/* Where a file of that name would come to be. */
static bool look_at_directory(const char *asked, const struct cli_mounts *mounts,
			      struct cli_file *ret)
{
	const char *slash = strrchr(asked, '/');
	const char *base = slash ? slash + 1 : asked;
	const char *dir = !slash           ? "."
			  : slash == asked ? "/"
					   : cli_memory_format("%.*s", (int)(slash - asked), asked);
	const char *full = resolve(dir);

	ret->exists = false;
	if (!full || !*base || !look_at(full, mounts, ret))
		return false;
	ret->facts.path = cli_memory_format("%s/%s", strcmp(full, "/") ? full : "", base);
	return true;
}

static void read_list(const char *path, struct policy_text *ret)
{
	ret->at = cli_memory_read(path, &ret->len);
	if (!ret->at)
		*ret = (struct policy_text){ "", 0 };
}

/* The same lists as the library reads. */
static void ask_exports(const struct cli_mounts *mounts, struct policy_file *facts)
{
	const struct policy_text table = { mounts->text, mounts->len };
	struct policy_text lists[2];

	read_list("/var/lib/nfs/etab", &lists[0]);
	read_list("/proc/fs/nfsd/exports", &lists[1]);
	facts->exported = policy_exported(lists, 2, &table, facts->device, facts->path);
}

static bool look(const char *asked, const struct cli_mounts *mounts, struct cli_file *ret)
{
	const char *full = resolve(asked);

	ret->exists = full != NULL;
	if (!full && errno != ENOENT)
		return false;
	if (!full)
		return look_at_directory(asked, mounts, ret);
	ret->facts.path = full;
	return look_at(full, mounts, ret);
}

bool cli_file_look(const char *asked, const struct cli_mounts *mounts, const uint64_t *devices,
		   struct cli_file *ret)
{
	*ret = (struct cli_file){ .asked = asked };
	ret->facts.filesystem_device = devices;
	if (!look(asked, mounts, ret))
		return false;
	ask_exports(mounts, &ret->facts);
	return true;
}
