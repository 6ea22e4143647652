/* SPDX-License-Identifier: MIT
 * File system, export, policy and users of one path, and of a mount point that is not touched. */
#include "cli/doctor_path.h"
#include "cli/doctor_judge.h"
#include "cli/memory.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define IN_DIRECTORY "lockshim-doctor" /* a new file, to decide for */

static bool find_mount(const char *path, const struct cli_mounts *mounts, struct policy_mount *ret)
{
	int fd = open(path, O_PATH | O_CLOEXEC);
	bool found = fd >= 0 && cli_mounts_of_fd(mounts, fd, ret);

	if (fd >= 0)
		close(fd);
	return found;
}

static const char *directory_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash == path ? "/" : cli_memory_format("%.*s", (int)(slash - path), path);
}

static bool is_directory(const char *path)
{
	struct stat is;

	return !stat(path, &is) && S_ISDIR(is.st_mode);
}

static void add_facts(const struct cli_explained *explained, const char *path,
		      const struct policy_mount *mount, struct cli_doctor *doctor)
{
	const struct cli_file *file = &explained->file;
	const struct cli_policy *policy = explained->policy;

	cli_doctor_fact(doctor, "path", path);
	cli_doctor_fact(doctor, "file system",
			cli_memory_format("%s at %s (%s)",
					  file->facts.fstype ? file->facts.fstype : "unknown",
					  file->mount_point ? file->mount_point : "?",
					  cli_explain_device(file->facts.device)));
	cli_doctor_fact(doctor, "mount options", cli_families_options(mount));
	cli_doctor_fact(doctor, "exported", cli_explain_exported(file->facts.exported));
	cli_doctor_fact(doctor, "policy",
			policy->missing ? cli_memory_format("%s: not there: every call passes",
							    policy->file)
					: policy->file);
	cli_doctor_fact(doctor, "overlay", policy->overlay);
	cli_doctor_fact(doctor, "rule",
			explained->rule ? cli_memory_format("%s at %s", explained->rule->name,
							    cli_explain_place(explained->rule))
			: policy->overlay
				? cli_memory_format("none; %s stands", policy->overlay_name)
				: "none: every call passes");
	cli_doctor_fact(doctor, "passed since", explained->verdict.passed);
}

static const struct cli_users *find_users(const char *path)
{
	struct cli_users *users = cli_memory_get(sizeof(*users));
	struct cli_wanted wanted = { .below = NULL };
	struct cli_wanted_file file = { .held = true };
	struct stat is;

	if (!stat(path, &is) && S_ISREG(is.st_mode)) {
		file.device = is.st_dev;
		file.inode = is.st_ino;
		wanted.files = &file;
		wanted.files_count = 1;
	} else {
		wanted.below = path;
	}
	cli_users_find(&wanted, 0, users);
	return users;
}

static const struct cli_tried *try_at(const char *path)
{
	struct cli_tried *tried = cli_memory_get(sizeof(*tried));

	cli_try(is_directory(path) ? path : directory_of(path), tried);
	return tried;
}

bool cli_doctor_path(const char *path, bool try_it, struct cli_explained *explained,
		     struct cli_doctor *ret)
{
	const struct policy *policy = explained->policy->policy;
	uint64_t *devices = cli_memory_get((policy->filesystems_count + 1) * sizeof(*devices));
	struct policy_mount mount;
	struct cli_mounts mounts;
	const char *full;
	bool found;

	*ret = (struct cli_doctor){ .subject = path, .explained = explained };
	cli_mounts_read(&mounts);
	policy_filesystem_devices(policy, mounts.text, mounts.len, devices);
	/* A directory is asked for the files in it. */
	if (!cli_file_look(is_directory(path) ? cli_memory_format("%s/" IN_DIRECTORY, path) : path,
			   &mounts, devices, &explained->file))
		return false;
	full = explained->file.facts.path;
	if (is_directory(path)) {
		full = directory_of(full);
		explained->file.exists = true;
		cli_doctor_add(&ret->notes, "a directory: the rule is that of a new file in it");
	}
	cli_explain_decide(explained);
	found = find_mount(explained->file.exists ? full : directory_of(full), &mounts, &mount);
	ret->families = cli_families_of(found ? &mount : NULL);
	ret->tried = try_it ? try_at(full) : NULL;
	ret->users = find_users(full);
	add_facts(explained, full, found ? &mount : NULL, ret);
	cli_doctor_judge_place(explained, ret);
	cli_doctor_judge_users(ret->users, 0, ret);
	return true;
}

/* The same facts as a look at the path would give. */
static void fill_from_mount(const struct policy_mount *mount, const uint64_t *devices,
			    struct cli_file *ret)
{
	bool local = policy_mount_keeps_flock_local(mount);
	const char *why;

	*ret = (struct cli_file){ .exists = true, .mount_point = cli_mounts_point(mount) };
	ret->asked = ret->mount_point;
	ret->facts.path = cli_memory_format("%s/" IN_DIRECTORY, ret->mount_point);
	ret->facts.fstype = cli_memory_format("%.*s", (int)mount->fstype_len, mount->fstype);
	ret->facts.device = mount->device;
	ret->facts.filesystem_device = devices;
	ret->facts.exported = POLICY_NO;
	ret->treatment = policy_treatment_by_name(ret->facts.fstype, local, &why);
	if (ret->treatment != POLICY_CONVERT)
		ret->why = cli_memory_format("on %s", why);
}

void cli_doctor_mount(const struct policy_mount *mount, const struct cli_mounts *mounts,
		      struct cli_explained *explained, struct cli_doctor *ret)
{
	const struct policy *policy = explained->policy->policy;
	uint64_t *devices = cli_memory_get((policy->filesystems_count + 1) * sizeof(*devices));

	policy_filesystem_devices(policy, mounts->text, mounts->len, devices);
	fill_from_mount(mount, devices, &explained->file);
	cli_explain_decide(explained);
	*ret = (struct cli_doctor){ .subject = explained->file.mount_point,
				    .explained = explained,
				    .families = cli_families_of(mount) };
	add_facts(explained, explained->file.mount_point, mount, ret);
	cli_doctor_judge_place(explained, ret);
}
