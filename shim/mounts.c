/* SPDX-License-Identifier: MIT
 * Facts about devices: lists that only ever grow at their heads, so that a reader needs no lock and
 * a signal handler or a second thread at worst enters a fact twice. */
#include "shim/mounts.h"

#include <string.h>

#include "shim/own_fd.h"
#include "shim/proc_fd.h"
#include "shim/slurp.h"

#define BUCKETS 64
#define FACT_CHUNK 32

static struct mount_fact *buckets[BUCKETS];
static uint64_t *filesystem_devices;

static struct mount_fact **bucket_of(uint64_t device)
{
	return &buckets[(device ^ device >> 32) * 0x9e3779b1u % BUCKETS];
}

static const struct mount_fact *known(uint64_t device, uint64_t mount)
{
	const struct mount_fact *fact = __atomic_load_n(bucket_of(device), __ATOMIC_ACQUIRE);

	while (fact && (fact->seen != device || fact->mount != mount))
		fact = fact->older;
	return fact;
}

/* Facts that one reading of the table enters, in chunks of pages of its own. */
struct fact_memory {
	struct mount_fact *at;
	size_t left;
};

static struct mount_fact *fact_new(struct fact_memory *memory)
{
	if (!memory->left) {
		memory->at = sys_pages(FACT_CHUNK * sizeof *memory->at);
		if (!memory->at)
			return NULL;
		memory->left = FACT_CHUNK;
	}
	memory->left--;
	return memory->at++;
}

/* What a table says of a device, seen through a mount. */
struct sight {
	uint64_t device, mount;
};

static const struct mount_fact *enter(struct fact_memory *memory, struct sight seen,
				      const struct policy_mount *mount)
{
	struct mount_fact **bucket = bucket_of(seen.device), *fact = fact_new(memory);
	size_t len = mount->fstype_len;

	if (!fact)
		return NULL;
	fact->seen = seen.device;
	fact->mount = seen.mount;
	fact->device = mount->device;
	fact->local_flock = policy_mount_keeps_flock_local(mount);
	memcpy(fact->fstype, mount->fstype,
	       len < sizeof fact->fstype ? len : sizeof fact->fstype - 1);
	fact->older = __atomic_load_n(bucket, __ATOMIC_ACQUIRE);
	while (!__atomic_compare_exchange_n(bucket, &fact->older, fact, 0, __ATOMIC_RELEASE,
					    __ATOMIC_ACQUIRE))
		;
	return fact;
}

/* After chroot the table shows other mount points: what the rules name was found before. */
static struct {
	uint64_t device, inode;
} root_at_load;

static bool root_identity(uint64_t *ret_device, uint64_t *ret_inode)
{
	struct own_fd own;
	bool found = !own_fd_open(&own, "/", O_PATH | O_DIRECTORY);

	if (found) {
		*ret_device = own.is.st_dev;
		*ret_inode = own.is.st_ino;
	}
	own_fd_close(&own);
	return found;
}

static bool root_is_as_at_load(void)
{
	uint64_t device, inode;

	return !root_at_load.inode ||
	       (root_identity(&device, &inode) && device == root_at_load.device &&
		inode == root_at_load.inode);
}

/* A view is replaced only where it changed, and the old one stays for whoever reads it. */
static void publish_filesystems(const struct policy *policy, const struct slurp *table)
{
	size_t size = policy->filesystems_count * sizeof(uint64_t);
	uint64_t *now = size ? sys_pages(size) : NULL, *before;

	if (!now)
		return;
	policy_filesystem_devices(policy, table->text, table->len, now);
	before = __atomic_load_n(&filesystem_devices, __ATOMIC_ACQUIRE);
	if ((before && !memcmp(before, now, size)) ||
	    !__atomic_compare_exchange_n(&filesystem_devices, &before, now, 0, __ATOMIC_ACQ_REL,
					 __ATOMIC_ACQUIRE))
		sys_pages_free(now, size);
}

static void enter_all(const struct slurp *table, struct fact_memory *memory)
{
	const char *at = table->text;
	struct policy_mount mount;

	while (policy_mount_next(&at, table->text + table->len, &mount))
		if (!known(mount.device, 0))
			enter(memory, (struct sight){ mount.device, 0 }, &mount);
}

void mounts_start(const struct policy *policy)
{
	struct fact_memory memory = { 0 };
	struct slurp table;

	if (slurp_file(&table, "/proc/self/mountinfo"))
		return;
	(void)root_identity(&root_at_load.device, &root_at_load.inode);
	publish_filesystems(policy, &table);
	enter_all(&table, &memory);
	slurp_free(&table);
}

/* The mount that a descriptor was opened through: "mnt_id:\t36" in fdinfo; -1 where unknown. */
static int mount_id_of(int fd)
{
	char text[512];
	const char *found =
		proc_fd_info(fd, text, sizeof text) > 0 ? strstr(text, "mnt_id:") : NULL;
	int id = 0;

	if (!found)
		return -1;
	for (found += 7; *found == ' ' || *found == '\t';)
		found++;
	for (; *found >= '0' && *found <= '9'; found++)
		id = id * 10 + (*found - '0');
	return id;
}

/* btrfs and overlay give st_dev numbers that no mount has; the descriptor's mount has one. */
static const struct mount_fact *enter_by_mount(const struct slurp *table, int fd, struct sight seen,
					       struct fact_memory *memory)
{
	const char *at = table->text;
	struct policy_mount mount;
	int id = mount_id_of(fd);

	while (id >= 0 && policy_mount_next(&at, table->text + table->len, &mount))
		if (mount.id == id)
			return enter(memory, seen, &mount);
	return NULL;
}

static const struct mount_fact *enter_one(const struct slurp *table, int fd, struct sight seen)
{
	struct fact_memory memory = { 0 };
	const char *at = table->text;
	struct policy_mount mount;

	while (policy_mount_next(&at, table->text + table->len, &mount))
		if (mount.device == seen.device)
			return enter(&memory, seen, &mount);
	return enter_by_mount(table, fd, seen, &memory);
}

int mounts_find(const struct policy *policy, int fd, uint64_t device, uint64_t mount,
		const struct mount_fact **ret_fact)
{
	struct slurp table;
	int error;

	*ret_fact = known(device, mount);
	if (*ret_fact)
		return 0;
	error = slurp_file(&table, "/proc/self/mountinfo");
	/* Without /proc (chroot) what was read at load is the best there is. Where there only was
	 * no descriptor, or no memory, the next call may know better. */
	if (error == -ENOENT)
		*ret_fact = known(device, 0);
	if (error)
		return *ret_fact ? 0 : error;
	if (root_is_as_at_load())
		publish_filesystems(policy, &table);
	*ret_fact = enter_one(&table, fd, (struct sight){ device, mount });
	slurp_free(&table);
	return 0;
}

const uint64_t *mounts_filesystem_devices(void)
{
	return __atomic_load_n(&filesystem_devices, __ATOMIC_ACQUIRE);
}
