/* SPDX-License-Identifier: MIT
 * File systems on which flock is passed whatever the rules say, or unless they say so by name. */
#include "policy/policy.h"

#include <string.h>

#define NFS_MAGIC 0x6969u

/* By the magic numbers of linux/magic.h and the file systems' own headers. */
static const struct {
	uint32_t magic;
	enum policy_treatment treatment;
	const char *why;
} file_systems[] = {
	{ 0x00009fa0, POLICY_PASS_ALWAYS, "proc" },
	{ 0x62656572, POLICY_PASS_ALWAYS, "sysfs" },
	{ 0x0027e0eb, POLICY_PASS_ALWAYS, "cgroup" },
	{ 0x63677270, POLICY_PASS_ALWAYS, "cgroup2" },
	{ 0x64626720, POLICY_PASS_ALWAYS, "debugfs" },
	{ 0x74726163, POLICY_PASS_ALWAYS, "tracefs" },
	{ 0x73636673, POLICY_PASS_ALWAYS, "securityfs" },
	{ 0x62656570, POLICY_PASS_ALWAYS, "configfs" },
	{ 0x6e736673, POLICY_PASS_ALWAYS, "nsfs" },
	{ NFS_MAGIC, POLICY_PASS_ALWAYS, "nfs without local_lock: flock already is a POSIX lock" },
	{ 0x0000517b, POLICY_PASS_ALWAYS, "smb: flock already is a POSIX lock" },
	{ 0xff534d42, POLICY_PASS_ALWAYS, "cifs: flock already is a POSIX lock" },
	{ 0xfe534d42, POLICY_PASS_ALWAYS, "smb2: flock already is a POSIX lock" },
	{ 0x65735546, POLICY_CONVERT_IF_NAMED, "fuse: some servers never let go of an OFD lock" },
};

bool policy_mount_keeps_flock_local(const struct policy_mount *mount)
{
	return policy_mount_has(mount, "local_lock=all") ||
	       policy_mount_has(mount, "local_lock=flock") || policy_mount_has(mount, "nolock");
}

bool policy_treatment_asks_mount(uint32_t magic)
{
	return magic == NFS_MAGIC;
}

enum policy_treatment policy_treatment(uint32_t magic, bool local_flock, const char **ret_why)
{
	size_t i;

	*ret_why = NULL;
	if (magic == NFS_MAGIC && local_flock)
		return POLICY_CONVERT;
	for (i = 0; i < sizeof file_systems / sizeof file_systems[0]; i++)
		if (file_systems[i].magic == magic) {
			*ret_why = file_systems[i].why;
			return file_systems[i].treatment;
		}
	return POLICY_CONVERT;
}

bool policy_treatment_passes(enum policy_treatment treatment, const struct policy_rule *rule)
{
	if (treatment == POLICY_CONVERT_IF_NAMED)
		return !rule || !(rule->match_set & POLICY_FILE_KEYS);
	return treatment == POLICY_PASS_ALWAYS;
}
