/* SPDX-License-Identifier: MIT
 * File systems on which flock is passed whatever the rules say, or unless they say so by name. */
#include "policy/policy.h"

#define NFS_MAGIC 0x6969u

/* By the magic numbers of linux/magic.h and the file systems' own headers, and by the globs of the
 * names that mountinfo has. */
static const struct {
	uint32_t magic;
	const char *name;
	enum policy_treatment treatment;
	const char *why;
} file_systems[] = {
	{ 0x00009fa0, "proc", POLICY_PASS_ALWAYS, "proc" },
	{ 0x62656572, "sysfs", POLICY_PASS_ALWAYS, "sysfs" },
	{ 0x0027e0eb, "cgroup", POLICY_PASS_ALWAYS, "cgroup" },
	{ 0x63677270, "cgroup2", POLICY_PASS_ALWAYS, "cgroup2" },
	{ 0x64626720, "debugfs", POLICY_PASS_ALWAYS, "debugfs" },
	{ 0x74726163, "tracefs", POLICY_PASS_ALWAYS, "tracefs" },
	{ 0x73636673, "securityfs", POLICY_PASS_ALWAYS, "securityfs" },
	{ 0x62656570, "configfs", POLICY_PASS_ALWAYS, "configfs" },
	{ 0x6e736673, "nsfs", POLICY_PASS_ALWAYS, "nsfs" },
	{ NFS_MAGIC, "nfs*", POLICY_PASS_ALWAYS,
	  "nfs without local_lock: flock already is a POSIX lock" },
	{ 0x0000517b, "smbfs", POLICY_PASS_ALWAYS, "smb: flock already is a POSIX lock" },
	{ 0xff534d42, "cifs", POLICY_PASS_ALWAYS, "cifs: flock already is a POSIX lock" },
	{ 0xfe534d42, "smb*", POLICY_PASS_ALWAYS, "smb: flock already is a POSIX lock" },
	{ 0x65735546, "fuse*", POLICY_CONVERT_IF_NAMED,
	  "fuse: some servers never let go of an OFD lock" },
	{ 0x65735546, "virtiofs", POLICY_CONVERT_IF_NAMED,
	  "virtiofs: some servers never let go of an OFD lock" },
};

#define FILE_SYSTEMS (sizeof file_systems / sizeof file_systems[0])

bool policy_mount_keeps_flock_local(const struct policy_mount *mount)
{
	return policy_mount_has(mount, "local_lock=all") ||
	       policy_mount_has(mount, "local_lock=flock") || policy_mount_has(mount, "nolock");
}

bool policy_treatment_asks_mount(uint32_t magic)
{
	return magic == NFS_MAGIC;
}

static enum policy_treatment treatment_of(size_t row, bool local_flock, const char **ret_why)
{
	*ret_why = NULL;
	if (row == FILE_SYSTEMS || (file_systems[row].magic == NFS_MAGIC && local_flock))
		return POLICY_CONVERT;
	*ret_why = file_systems[row].why;
	return file_systems[row].treatment;
}

enum policy_treatment policy_treatment(uint32_t magic, bool local_flock, const char **ret_why)
{
	size_t row = 0;

	while (row < FILE_SYSTEMS && file_systems[row].magic != magic)
		row++;
	return treatment_of(row, local_flock, ret_why);
}

enum policy_treatment policy_treatment_by_name(const char *fstype, bool local_flock,
					       const char **ret_why)
{
	size_t row = 0;

	while (row < FILE_SYSTEMS && !policy_glob(file_systems[row].name, fstype))
		row++;
	return treatment_of(row, local_flock, ret_why);
}

bool policy_treatment_passes(enum policy_treatment treatment, const struct policy_rule *rule)
{
	if (treatment == POLICY_CONVERT_IF_NAMED)
		return !rule || !(rule->match_set & POLICY_FILE_KEYS);
	return treatment == POLICY_PASS_ALWAYS;
}
