/* SPDX-License-Identifier: MIT
 * Checked each time that a stream is made: the way there may have changed. */
#include "trace/writer_place.h"

#include <string.h>
#include <sys/vfs.h>

#include "trace/metadata.h"
#include "trace/writer_state.h"
#include "trace/writer_text.h"

/* A page that has its block must stay writable, and what is not written cost nothing. */
static const uint64_t unfit[] = {
	0x9123683e, /* btrfs: each write asks for a block */
	0xca451a4e, /* bcachefs */
	0x2fc12fc1, /* zfs */
	0x3434,     /* nilfs2 */
	0x6969,     /* nfs: a page is the server's to give */
	0xff534d42, /* cifs */
	0xfe534d42, /* smb2 */
	0x00c36400, /* ceph */
	0x5346414f, /* afs */
	0x01021997, /* 9p */
	0x65735546, /* fuse */
	0x0bd00bd0, /* lustre */
	0x4d44,     /* vfat: has no holes */
	0x2011bab0, /* exfat */
};

static int check_file_system(int fd)
{
	int saved = errno;
	struct statfs is;

	if (fstatfs(fd, &is)) {
		errno = saved;
		return 0;
	}
	for (size_t i = 0; i < sizeof unfit / sizeof unfit[0]; i++)
		if ((uint32_t)is.f_type == unfit[i])
			return -WRITER_FILE_SYSTEM;
	return 0;
}

/* 0: its own; 1: the administrator's, for all users; or negative. */
static int judge(const struct stat *is)
{
	bool closed = !(is->st_mode & 077);

	if (!S_ISDIR(is->st_mode))
		return S_ISLNK(is->st_mode) ? -WRITER_IS_LINK : -ENOTDIR;
	if (is->st_uid == geteuid() && (closed || is->st_uid))
		return closed ? 0 : -WRITER_IS_OPEN;
	if (is->st_uid || closed)
		return -WRITER_IS_OTHERS;
	return is->st_mode & 022 && !(is->st_mode & S_ISVTX) ? -WRITER_NOT_STICKY : 1;
}

/* O_PATH opens a link itself, to be told from what is no directory. */
static int open_directory(struct sys_fd *ret, int at, const char *path)
{
	int made = sys_mkdirat(at, path, 0700);
	int error = sys_fd_open(ret, at, path, O_PATH | O_NOFOLLOW);

	return error == -ENOENT && made < 0 ? made : error;
}

static int open_users(struct sys_fd *ret, const struct sys_fd *base)
{
	struct writer_text user = { .len = 0 };
	int error, kind;

	writer_text_number(&user, geteuid(), 10);
	error = open_directory(ret, base->fd, user.text);
	if (error)
		return error;
	kind = judge(&ret->is);
	if (!kind)
		return 0;
	sys_fd_close(ret);
	return kind < 0 ? kind : -WRITER_IS_OPEN;
}

int writer_place_start(void)
{
	struct sys_fd base;
	int error;

	if (writer_setup.directory[0] != '/')
		return -WRITER_NOT_ABSOLUTE;
	error = open_directory(&base, AT_FDCWD, writer_setup.directory);
	if (error)
		return error;
	writer_setup.device = base.is.st_dev;
	writer_setup.inode = base.is.st_ino;
	sys_fd_close(&base);
	error = writer_place_open(&base);
	if (!error)
		sys_fd_close(&base);
	return error;
}

int writer_place_open(struct sys_fd *ret)
{
	struct sys_fd base;
	int error = sys_fd_open(&base, AT_FDCWD, writer_setup.directory, O_PATH | O_NOFOLLOW);
	int kind;

	if (error)
		return error;
	kind = judge(&base.is);
	if (kind >= 0 &&
	    (base.is.st_dev != writer_setup.device || base.is.st_ino != writer_setup.inode))
		kind = -WRITER_IS_ANOTHER;
	if (!kind) {
		*ret = base;
	} else {
		error = kind < 0 ? kind : open_users(ret, &base);
		sys_fd_close(&base);
	}
	if (error)
		return error;
	error = check_file_system(ret->fd);
	if (error)
		sys_fd_close(ret);
	return error;
}

static int compare_text(int fd)
{
	size_t length = strlen(trace_metadata), room = length + 1;
	char *text = sys_pages(room);
	long got;
	int error = 0;

	if (!text)
		return -ENOMEM;
	got = sys_read_first(fd, text, room);
	if (got < 0)
		error = (int)got;
	else if ((size_t)got != length || memcmp(text, trace_metadata, length) != 0)
		error = -WRITER_METADATA;
	sys_unmap(text, room);
	return error;
}

/* 0 or negative; -ENOENT: there are none. */
static int compare(int place)
{
	struct sys_fd file;
	int error = sys_fd_open(&file, place, "metadata", O_RDONLY | O_NOFOLLOW | O_NONBLOCK);

	if (error)
		return error;
	error = compare_text(file.fd);
	sys_fd_close(&file);
	return error;
}

static int write_new(int place, const char *name)
{
	size_t length = strlen(trace_metadata);
	struct sys_fd file;
	long put;
	int error = sys_fd_open(&file, place, name, O_WRONLY | O_CREAT | O_NOFOLLOW);

	if (error)
		return error;
	put = sys_write_first(file.fd, trace_metadata, length);
	sys_fd_close(&file);
	if (put < 0)
		return (int)put;
	return (size_t)put == length ? 0 : -ENOSPC;
}

/* A child that was forked in the midst does the same, with the same name: either may be first. */
static int make(int place, uint64_t unique)
{
	struct writer_text name = { .len = 0 };
	int error;

	writer_text_add(&name, ".metadata.");
	writer_text_number(&name, unique, 16);
	error = write_new(place, name.text);
	if (!error) {
		error = sys_linkat(place, name.text, "metadata");
		if (error && error != -EEXIST) /* no hard links there */
			error = sys_renameat(place, name.text, "metadata");
	}
	sys_unlinkat(place, name.text);
	return error == -EEXIST || error == -ENOENT ? 0 : error;
}

int writer_place_metadata(const struct sys_fd *place, uint64_t unique)
{
	int error = compare(place->fd);

	if (error != -ENOENT)
		return error;
	error = make(place->fd, unique);
	return error ? error : compare(place->fd);
}
