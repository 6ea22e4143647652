/* SPDX-License-Identifier: MIT
 * Looks up lines of mountinfo. */
#include "cli/mounts.h"
#include "cli/memory.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>

bool cli_mounts_read(struct cli_mounts *ret)
{
	ret->text = cli_memory_read("/proc/self/mountinfo", &ret->len);
	if (ret->text)
		return true;
	warn("warning: /proc/self/mountinfo");
	*ret = (struct cli_mounts){ .text = "" };
	return false;
}

bool cli_mounts_of_device(const struct cli_mounts *mounts, uint64_t device,
			  struct policy_mount *ret)
{
	const char *at = mounts->text;

	while (policy_mount_next(&at, mounts->text + mounts->len, ret)) {
		if (ret->device == device)
			return true;
	}
	return false;
}

static int mount_id_of(int fd)
{
	const char *info = cli_memory_read(cli_memory_format("/proc/self/fdinfo/%d", fd), NULL);
	const char *line = info ? strstr(info, "mnt_id:") : NULL;

	return line ? (int)strtol(line + strlen("mnt_id:"), NULL, 10) : -1;
}

bool cli_mounts_of_fd(const struct cli_mounts *mounts, int fd, struct policy_mount *ret)
{
	const char *at = mounts->text;
	int id = mount_id_of(fd);

	while (policy_mount_next(&at, mounts->text + mounts->len, ret)) {
		if (ret->id == id)
			return true;
	}
	return false;
}

static bool is_mount_point(const struct cli_mounts *mounts, const char *path)
{
	const char *at = mounts->text;
	struct policy_mount mount;

	while (policy_mount_next(&at, mounts->text + mounts->len, &mount)) {
		if (policy_mount_is_at(&mount, path))
			return true;
	}
	return false;
}

const char *cli_mounts_above(const struct cli_mounts *mounts, const char *path)
{
	char *dir = cli_memory_format("%s", path), *slash;

	while ((slash = strrchr(dir, '/'))) {
		if (slash == dir)
			return is_mount_point(mounts, "/") ? "/" : NULL;
		*slash = '\0';
		if (is_mount_point(mounts, dir))
			return dir;
	}
	return NULL;
}

static bool is_octal(const char *text)
{
	return text[0] >= '0' && text[0] <= '3' && text[1] >= '0' && text[1] <= '7' &&
	       text[2] >= '0' && text[2] <= '7';
}

const char *cli_mounts_point(const struct policy_mount *mount)
{
	char *point = cli_memory_format("%.*s", (int)mount->mount_point_len, mount->mount_point);
	char *to = point;

	for (const char *from = point; *from; to++) {
		if (*from == '\\' && is_octal(from + 1)) {
			*to = (char)((from[1] - '0') << 6 | (from[2] - '0') << 3 | (from[3] - '0'));
			from += 4;
		} else {
			*to = *from++;
		}
	}
	*to = '\0';
	return point;
}
