/* SPDX-License-Identifier: MIT
 * Mount points by name and device number alone: a path is never looked at. */
#include "cli/advise_trace_place.h"
#include "cli/advise_trace_text.h"
#include "cli/memory.h"

#include <stdlib.h>
#include <string.h>

#define DELETED " (deleted)"

/* A resolved path has no empty part, and none that is . or .. */
static bool is_resolved(const char *path)
{
	do {
		size_t len = strcspn(++path, "/");

		if (!len || (len <= 2 && !strncmp(path, "..", len)))
			return false;
		path += len;
	} while (*path);
	return true;
}

const char *advise_path(const struct advise_file *file)
{
	size_t len = file->path ? strlen(file->path) : 0, mark = strlen(DELETED);

	if (!len || file->path[0] != '/' || !strncmp(file->path, "/memfd:", strlen("/memfd:")) ||
	    !is_resolved(file->path))
		return NULL;
	if (len > mark && !strcmp(file->path + len - mark, DELETED))
		return cli_memory_format("%.*s", (int)(len - mark), file->path);
	return file->path;
}

static bool mount_at(const struct cli_mounts *mounts, const char *point, struct policy_mount *ret)
{
	const char *at = mounts->text;
	struct policy_mount mount;
	bool found = false;

	/* The last one lies on top. */
	while (policy_mount_next(&at, mounts->text + mounts->len, &mount)) {
		if (policy_mount_is_at(&mount, point)) {
			*ret = mount;
			found = true;
		}
	}
	return found;
}

/* Files there have other device numbers than the mount. */
static bool has_many_devices(const char *fstype)
{
	return !strcmp(fstype, "btrfs") || !strcmp(fstype, "overlay");
}

static void look_up(const struct cli_mounts *mounts, const char *path, uint64_t device,
		    struct advise_located *ret)
{
	const char *point = cli_mounts_above(mounts, path), *why;
	struct policy_mount mount;
	const char *fstype;

	if (!point || !advise_is_plain(point) || !mount_at(mounts, point, &mount))
		return;
	fstype = cli_memory_format("%.*s", (int)mount.fstype_len, mount.fstype);
	if (mount.device != device && !has_many_devices(fstype))
		return;
	ret->point = point;
	ret->fstype = fstype;
	if (policy_treatment_by_name(fstype, policy_mount_keeps_flock_local(&mount), &why) !=
	    POLICY_CONVERT)
		ret->passes = why;
}

static bool same_directory(const char *one, const char *other)
{
	size_t len = (size_t)(strrchr(one, '/') - one);

	return !strncmp(one, other, len + 1) && !strchr(other + len + 1, '/');
}

/* Uses come by program, device and path, so that the last answer is often this one. */
static void locate(const struct cli_mounts *mounts, struct advise_located *last,
		   const char **last_path, struct advise_located *ret)
{
	const char *path = advise_path(ret->use->file);

	if (!path)
		return;
	if (*last_path && last->use->file->device == ret->use->file->device &&
	    same_directory(*last_path, path)) {
		ret->point = last->point;
		ret->fstype = last->fstype;
		ret->passes = last->passes;
	} else {
		look_up(mounts, path, ret->use->file->device, ret);
	}
	*last = *ret;
	*last_path = path;
}

static int by_program_and_point(const void *one, const void *other)
{
	const struct advise_located *a = one, *b = other;
	int order = strcmp(a->use->program->name, b->use->program->name);

	if (!order)
		order = strcmp(a->point ? a->point : "", b->point ? b->point : "");
	if (!order)
		order = strcmp(a->use->file->path ? a->use->file->path : "",
			       b->use->file->path ? b->use->file->path : "");
	return order;
}

struct advise_located *advise_locate(const struct advise_whole *whole, size_t *ret_count)
{
	struct advise_located *all = cli_memory_get((whole->uses_count + 1) * sizeof(*all));
	struct advise_located last = { 0 };
	const char *last_path = NULL;
	struct cli_mounts mounts;

	cli_mounts_read(&mounts);
	for (size_t i = 0; i < whole->uses_count; i++) {
		all[i].use = whole->uses[i];
		locate(&mounts, &last, &last_path, &all[i]);
	}
	qsort(all, whole->uses_count, sizeof(*all), by_program_and_point);
	*ret_count = whole->uses_count;
	return all;
}
