/* SPDX-License-Identifier: MIT
 * Snapshots of the lists. A new one is published whole and the old one stays for whoever reads it.
 */
#include "shim/exports.h"

#include "shim/own_fd.h"
#include "shim/slurp.h"

#define ETAB "/var/lib/nfs/etab"

enum { LIST_ETAB, LIST_KERNEL, LISTS };

struct snapshot {
	struct stat etab; /* zeroed where there is none */
	struct policy_text lists[LISTS], mounts;
};

static struct snapshot *current;

static void look_at_etab(struct stat *ret)
{
	struct own_fd own;

	*ret = (struct stat){ 0 };
	if (!own_fd_open(&own, ETAB, O_RDONLY | O_NOCTTY | O_NONBLOCK))
		*ret = own.is;
	own_fd_close(&own);
}

/* A list that is not to be seen any more (chroot) is no news. */
static bool is_fresh(const struct snapshot *snapshot)
{
	struct stat now;

	look_at_etab(&now);
	if (!now.st_ino)
		return true;
	return now.st_ino == snapshot->etab.st_ino && now.st_size == snapshot->etab.st_size &&
	       now.st_mtim.tv_sec == snapshot->etab.st_mtim.tv_sec &&
	       now.st_mtim.tv_nsec == snapshot->etab.st_mtim.tv_nsec;
}

static void read_list(const char *path, struct policy_text *ret)
{
	struct slurp list;

	if (!slurp_file(&list, path))
		*ret = (struct policy_text){ list.text, list.len };
}

static struct snapshot *take(void)
{
	struct snapshot *snapshot = sys_pages(sizeof *snapshot), *before;

	if (!snapshot)
		return NULL;
	look_at_etab(&snapshot->etab);
	read_list(ETAB, &snapshot->lists[LIST_ETAB]);
	read_list("/proc/fs/nfsd/exports", &snapshot->lists[LIST_KERNEL]);
	read_list("/proc/self/mountinfo", &snapshot->mounts);
	before = __atomic_load_n(&current, __ATOMIC_ACQUIRE);
	if (before && !snapshot->mounts.len)
		snapshot->mounts = before->mounts;
	__atomic_store_n(&current, snapshot, __ATOMIC_RELEASE);
	return snapshot;
}

void exports_start(void)
{
	(void)take();
}

enum policy_answer exports_ask(uint64_t device, const char *path)
{
	const struct snapshot *snapshot = __atomic_load_n(&current, __ATOMIC_ACQUIRE);

	if (!snapshot || !is_fresh(snapshot))
		snapshot = take();
	if (!snapshot)
		return POLICY_UNKNOWN;
	return policy_exported(snapshot->lists, LISTS, &snapshot->mounts, device, path);
}
