/* SPDX-License-Identifier: MIT
 * The export lists of an NFS server, read where they lie. */
#include "policy/internal.h"

#include <string.h>

struct export
{
	struct policy_cursor path; /* escaped */
	bool crossmnt;
};

/* Whole words alone: exportfs writes "nocrossmnt" where it is off. */
static bool has_option(const char *at, const char *end, const char *option)
{
	size_t len = strlen(option);

	for (; (size_t)(end - at) > len + 1; at++)
		if ((*at == '(' || *at == ',') && !memcmp(at + 1, option, len) &&
		    (at[len + 1] == ',' || at[len + 1] == ')'))
			return true;
	return false;
}

/* "/srv/a\040b\t10.0.0.0/8(rw,crossmnt,…)"; comments begin with #. The kernel's table also names
 * the directories above an export, by which NFSv4 clients find it: v4root. No file there is open
 * to them. */
static bool read_export(const char *at, const char *end, struct export *ret)
{
	const char *path = at;

	if (at == end || *at != '/')
		return false;
	while (at < end && *at != ' ' && *at != '\t')
		at++;
	ret->path = (struct policy_cursor){ path, at };
	ret->crossmnt = has_option(at, end, "crossmnt");
	return !has_option(at, end, "v4root");
}

static bool next_export(const char **at, const char *end, struct export *ret)
{
	while (*at < end) {
		const char *newline = memchr(*at, '\n', (size_t)(end - *at)), *line = *at;
		const char *line_end = newline ? newline : end;

		*at = newline ? newline + 1 : end;
		if (read_export(line, line_end, ret))
			return true;
	}
	return false;
}

/* True where the directory DIR, escaped, is PATH or lies above it. */
static bool is_at_or_above(struct policy_cursor dir, struct policy_cursor path, bool escaped)
{
	bool slash = false;

	while (dir.at < dir.end) {
		char c = policy_unescape(&dir);

		if (path.at == path.end || (escaped ? policy_unescape(&path) : *path.at++) != c)
			return false;
		slash = c == '/';
	}
	return path.at == path.end || slash || *path.at == '/';
}

static struct policy_cursor point_of(const struct policy_mount *mount)
{
	return (struct policy_cursor){ mount->mount_point,
				       mount->mount_point + mount->mount_point_len };
}

/* The device of what is mounted on or above an exported directory; *ret_whole: on it. The deepest
 * mount point wins, and on one point the mount on top. */
static uint64_t device_of(const struct export *export, const struct policy_text *mounts,
			  bool *ret_whole)
{
	const char *at = mounts->at;
	uint64_t device = POLICY_NO_DEVICE;
	struct policy_mount mount;
	size_t deepest = 0;

	*ret_whole = false;
	while (policy_mount_next(&at, mounts->at + mounts->len, &mount)) {
		if (mount.mount_point_len < deepest ||
		    !is_at_or_above(point_of(&mount), export->path, true))
			continue;
		if (mount.mount_point_len == deepest &&
		    policy_mount_is_covered(&mount, mounts->at, mounts->len))
			continue;
		deepest = mount.mount_point_len;
		device = mount.device;
		*ret_whole = is_at_or_above(export->path, point_of(&mount), true);
	}
	return device;
}

static enum policy_answer covers(const struct export *export, const struct policy_text *mounts,
				 uint64_t device, const char *path)
{
	bool whole, same = device_of(export, mounts, &whole) == device;
	struct policy_cursor below = { path, path };

	if (whole && same)
		return POLICY_YES;
	if (!same && !export->crossmnt)
		return POLICY_NO;
	if (!path)
		return POLICY_UNKNOWN;
	below.end = path + strlen(path);
	return is_at_or_above(export->path, below, false) ? POLICY_YES : POLICY_NO;
}

enum policy_answer policy_exported(const struct policy_text *lists, size_t count,
				   const struct policy_text *mounts, uint64_t device,
				   const char *path)
{
	enum policy_answer answer = POLICY_NO;
	struct export export;

	for (size_t i = 0; i < count; i++) {
		const char *at = lists[i].at;

		while (next_export(&at, lists[i].at + lists[i].len, &export)) {
			enum policy_answer one = covers(&export, mounts, device, path);

			if (one == POLICY_YES)
				return one;
			if (one == POLICY_UNKNOWN)
				answer = one;
		}
	}
	return answer;
}
