/* SPDX-License-Identifier: MIT
 * Requests as libfuse has read them, to files, locks and the files that are not files. */
#include "tests/fuse/lockfs/ops.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/fuse/lockfs/control.h"
#include "tests/fuse/lockfs/files.h"
#include "tests/fuse/lockfs/gate.h"
#include "tests/fuse/lockfs/locks.h"

struct ops_options ops_options;
static uint64_t handles;

static void init(void *data, struct fuse_conn_info *connection)
{
	(void)data;
	/* The gate reads requests from memory. */
	connection->want &= ~(unsigned)FUSE_CAP_SPLICE_READ;
	if (ops_options.writeback)
		connection->want |= FUSE_CAP_WRITEBACK_CACHE;
	if (ops_options.local_locks)
		connection->want &= ~(unsigned)(FUSE_CAP_POSIX_LOCKS | FUSE_CAP_FLOCK_LOCKS);
	puts("ready");
	fflush(stdout);
}

static int stat_of(fuse_ino_t node, struct stat *ret_stat)
{
	const struct file *file = files_at(node);

	if (node == FUSE_ROOT_ID)
		*ret_stat = (struct stat){ .st_mode = S_IFDIR | 0777, .st_nlink = 2 };
	else if (control_has(node))
		control_stat(node, ret_stat);
	else if (file)
		*ret_stat = (struct stat){ .st_mode = S_IFREG | 0666,
					   .st_nlink = file->listed,
					   .st_size = (off_t)file->size,
					   .st_mtim = file->changed,
					   .st_ctim = file->changed };
	else
		return -ENOENT;
	ret_stat->st_ino = node;
	ret_stat->st_uid = getuid();
	ret_stat->st_gid = getgid();
	return 0;
}

static void fill_entry(struct fuse_entry_param *entry, fuse_ino_t node)
{
	*entry = (struct fuse_entry_param){ .ino = node, .attr_timeout = ops_options.attr_timeout };
	stat_of(node, &entry->attr);
}

static void lookup(fuse_req_t request, fuse_ino_t parent, const char *name)
{
	const struct file *file = files_named(name);
	fuse_ino_t node = file ? file->node : control_node(name);
	struct fuse_entry_param entry;

	(void)parent;
	if (!node) {
		fuse_reply_err(request, ENOENT);
		return;
	}
	fill_entry(&entry, node);
	fuse_reply_entry(request, &entry);
}

static void reply_stat(fuse_req_t request, fuse_ino_t node)
{
	struct stat st;

	if (stat_of(node, &st))
		fuse_reply_err(request, ENOENT);
	else
		fuse_reply_attr(request, &st, ops_options.attr_timeout);
}

static void get_attr(fuse_req_t request, fuse_ino_t node, struct fuse_file_info *info)
{
	(void)info;
	reply_stat(request, node);
}

static void set_attr(fuse_req_t request, fuse_ino_t node, struct stat *wanted, int which,
		     struct fuse_file_info *info)
{
	struct file *file = files_at(node);
	int error = 0;

	(void)info;
	if (file && (which & FUSE_SET_ATTR_SIZE))
		error = files_resize(file, (size_t)wanted->st_size);
	if (error)
		fuse_reply_err(request, -error);
	else
		reply_stat(request, node);
}

static void read_dir(fuse_req_t request, fuse_ino_t node, size_t size, off_t offset,
		     struct fuse_file_info *info)
{
	const struct file *file = offset ? files_at((uint64_t)offset) : NULL;
	char *list = malloc(size);
	struct stat st;
	size_t used = 0, length;

	(void)node, (void)info;
	if (!list)
		abort();
	while ((file = files_next(file))) {
		stat_of(file->node, &st);
		length = fuse_add_direntry(request, list + used, size - used, file->name, &st,
					   (off_t)file->node);
		if (length > size - used)
			break;
		used += length;
	}
	fuse_reply_buf(request, list, used);
	free(list);
}

static void open_file(fuse_req_t request, fuse_ino_t node, struct fuse_file_info *info)
{
	struct file *file = files_at(node);

	if (!file) {
		control_open(request, node, info);
		return;
	}
	if (info->flags & O_TRUNC)
		files_resize(file, 0);
	info->fh = ++handles;
	fuse_reply_open(request, info);
}

static void create(fuse_req_t request, fuse_ino_t parent, const char *name, mode_t mode,
		   struct fuse_file_info *info)
{
	struct fuse_entry_param entry;
	struct file *file = NULL;
	int error = *name == '.' ? -EPERM : files_create(name, &file);

	(void)parent, (void)mode;
	if (error) {
		fuse_reply_err(request, -error);
		return;
	}
	info->fh = ++handles;
	fill_entry(&entry, file->node);
	fuse_reply_create(request, &entry, info);
}

static void read_file(fuse_req_t request, fuse_ino_t node, size_t size, off_t offset,
		      struct fuse_file_info *info)
{
	const struct file *file = files_at(node);
	size_t from = (size_t)offset;

	if (!file) {
		control_read(request, info, size, offset);
		return;
	}
	if (from > file->size)
		from = file->size;
	fuse_reply_buf(request, file->data ? file->data + from : NULL,
		       size < file->size - from ? size : file->size - from);
}

static void write_file(fuse_req_t request, fuse_ino_t node, const char *data, size_t size,
		       off_t offset, struct fuse_file_info *info)
{
	struct file *file = files_at(node);
	int error;

	(void)info;
	if (!file) {
		control_write(request, node, data, size);
		return;
	}
	error = files_write(file, data, size, (size_t)offset);
	if (error)
		fuse_reply_err(request, -error);
	else
		fuse_reply_write(request, size);
}

static void sync_file(fuse_req_t request, fuse_ino_t node, int datasync,
		      struct fuse_file_info *info)
{
	struct file *file = files_at(node);

	(void)datasync, (void)info;
	fuse_reply_err(request, file ? -files_sync(file) : 0);
}

static void flush(fuse_req_t request, fuse_ino_t node, struct fuse_file_info *info)
{
	struct file *file = files_at(node);

	if (file)
		locks_drop_owner(file, false, info->lock_owner, gate_current.number);
	fuse_reply_err(request, 0);
}

static void release(fuse_req_t request, fuse_ino_t node, struct fuse_file_info *info)
{
	struct file *file = files_at(node);

	if (!file) {
		control_release(request, info);
		return;
	}
	if (info->flock_release)
		locks_drop_owner(file, true, info->lock_owner, gate_current.number);
	if (!ops_options.keep_descriptor_locks)
		locks_drop_handle(file, info->fh, gate_current.number);
	fuse_reply_err(request, 0);
}

static void unlink_file(fuse_req_t request, fuse_ino_t parent, const char *name)
{
	(void)parent;
	fuse_reply_err(request, -files_unlink(name));
}

static void rename_file(fuse_req_t request, fuse_ino_t parent, const char *name,
			fuse_ino_t new_parent, const char *new_name, unsigned flags)
{
	(void)parent, (void)new_parent;
	fuse_reply_err(request, flags ? EINVAL : -files_rename(name, new_name));
}

static struct lock lock_of(fuse_req_t request, fuse_ino_t node, const struct fuse_file_info *info)
{
	return (struct lock){ .file = files_at(node),
			      .owner = info->lock_owner,
			      .handle = info->fh,
			      .end = INT64_MAX,
			      .pid = (uint32_t)fuse_req_ctx(request)->pid };
}

static struct lock record_of(fuse_req_t request, fuse_ino_t node, const struct fuse_file_info *info,
			     const struct flock *record)
{
	struct lock lock = lock_of(request, node, info);

	lock.type = record->l_type;
	lock.start = (uint64_t)record->l_start;
	if (record->l_len)
		lock.end = lock.start + (uint64_t)record->l_len - 1;
	return lock;
}

static void get_record(fuse_req_t request, fuse_ino_t node, struct fuse_file_info *info,
		       struct flock *record)
{
	struct lock wanted = record_of(request, node, info, record);
	const struct lock *other = locks_in_the_way(&wanted);

	if (!other) {
		record->l_type = F_UNLCK;
		fuse_reply_lock(request, record);
		return;
	}
	record->l_type = (short)other->type;
	record->l_start = (off_t)other->start;
	record->l_len = other->end == INT64_MAX ? 0 : (off_t)(other->end - other->start + 1);
	record->l_pid = (pid_t)other->pid;
	fuse_reply_lock(request, record);
}

static void set_record(fuse_req_t request, fuse_ino_t node, struct fuse_file_info *info,
		       struct flock *record, int sleep)
{
	struct lock wanted = record_of(request, node, info, record);

	locks_request(request, &wanted, sleep, gate_current.number, gate_current.unique);
}

static void set_flock(fuse_req_t request, fuse_ino_t node, struct fuse_file_info *info,
		      int operation)
{
	struct lock wanted = lock_of(request, node, info);

	wanted.is_flock = true;
	wanted.type = operation & LOCK_UN ? F_UNLCK : operation & LOCK_SH ? F_RDLCK : F_WRLCK;
	locks_request(request, &wanted, !(operation & LOCK_NB), gate_current.number,
		      gate_current.unique);
}

const struct fuse_lowlevel_ops ops = {
	.init = init,
	.lookup = lookup,
	.getattr = get_attr,
	.setattr = set_attr,
	.readdir = read_dir,
	.open = open_file,
	.create = create,
	.read = read_file,
	.write = write_file,
	.fsync = sync_file,
	.flush = flush,
	.release = release,
	.unlink = unlink_file,
	.rename = rename_file,
	.getlk = get_record,
	.setlk = set_record,
	.flock = set_flock,
};
