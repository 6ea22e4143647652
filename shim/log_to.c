/* SPDX-License-Identifier: MIT
 * One write a line, to descriptor 2, to syslog's socket, or to the end of a file. */
#include "shim/log_to.h"

#include <string.h>
#include <sys/socket.h>
#include <sys/sysmacros.h>
#include <sys/uio.h>
#include <sys/un.h>

#include "policy/sys.h"
#include "shim/own_fd.h"
#include "shim/quiet.h"
#include "shim/state_place.h"

#ifndef RWF_NOWAIT
#define RWF_NOWAIT 0x8
#endif

static struct stat stderr_was;

static bool is_same(const struct stat *one, const struct stat *other)
{
	return one->st_dev == other->st_dev && one->st_ino == other->st_ino;
}

bool log_to_stderr_start(void)
{
	int flags = (int)sys_fcntl(2, F_GETFL, NULL);
	struct stat is;

	if (flags < 0 || (flags & O_ACCMODE) == O_RDONLY || sys_fstat(2, &is) ||
	    quiet_is_connection(&is))
		return false;
	/* Nobody redirects messages so: it is a file of the program's own. */
	if (S_ISREG(is.st_mode) && (flags & O_ACCMODE) != O_WRONLY && !(flags & O_APPEND))
		return false;
	stderr_was = is;
	return true;
}

static long send_now(int fd, const struct log_out *out, const struct sockaddr_un *to, unsigned len)
{
	int saved = errno;
#ifdef SYS_sendto
	return sys_result(
		syscall(SYS_sendto, fd, out->text, out->size, MSG_DONTWAIT | MSG_NOSIGNAL, to, len),
		saved);
#else
	(void)fd;
	(void)out;
	(void)to;
	(void)len;
	(void)saved;
	return -ENOSYS;
#endif
}

/* A pipe takes this since Linux 6.5, whatever its flags. Before 4.13 there is no such flag, before
 * 4.6 no such call. */
static long write_now(int fd, const struct log_out *out)
{
#ifdef SYS_pwritev2
	const struct iovec part = { (void *)(uintptr_t)out->text, out->size };
	int saved = errno;
	long written = sys_result(syscall(SYS_pwritev2, fd, &part, 1, -1L, -1L, RWF_NOWAIT), saved);

	return written == -EINVAL || written == -ENOSYS ? -EOPNOTSUPP : written;
#else
	(void)fd;
	(void)out;
	return -EOPNOTSUPP;
#endif
}

/* The same pipe or terminal by a description of our own, which never waits. The host's may, between
 * two writers who both saw room for one. */
static long write_reopened(const struct log_out *out)
{
	struct own_fd own;
	long written = own_fd_open(&own, "/proc/self/fd/2", O_WRONLY | O_NONBLOCK | O_NOCTTY);

	if (!written && is_same(&own.is, &stderr_was))
		written = sys_write(own.fd, out->text, out->size);
	else if (written != -ENXIO)
		written = -EOPNOTSUPP;
	own_fd_close(&own);
	return written;
}

static long write_stderr(const struct log_out *out, const struct stat *is)
{
	long written = -EOPNOTSUPP;

	if (S_ISSOCK(is->st_mode))
		return send_now(2, out, NULL, 0);
	if (S_ISFIFO(is->st_mode))
		written = write_now(2, out);
	if (written == -EOPNOTSUPP && !S_ISREG(is->st_mode))
		written = write_reopened(out);
	return written == -EOPNOTSUPP ? quiet_write(2, out->text, out->size) : written;
}

bool log_to_stderr(const struct log_out *out)
{
	struct quiet quiet;
	struct stat is;
	long written;

	if (sys_fstat(2, &is) || !is_same(&is, &stderr_was))
		return false;
	quiet = quiet_begin();
	written = write_stderr(out, &is);
	quiet_end(&quiet);
	return written == (long)out->size;
}

static int open_socket(void)
{
	int saved = errno;
#ifdef SYS_socket
	return (int)sys_result(
		syscall(SYS_socket, AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), saved);
#else
	(void)saved;
	return -ENOSYS;
#endif
}

bool log_to_syslog(const struct log_out *out)
{
	static const struct sockaddr_un to = { .sun_family = AF_UNIX, .sun_path = "/dev/log" };
	struct log_out datagram = *out;
	struct own_fd own = { .fd = open_socket() };
	long sent = -1;

	datagram.size--; /* a datagram ends by itself */
	if (own.fd >= 0 && !sys_fstat(own.fd, &own.is))
		sent = send_now(own.fd, &datagram, &to, sizeof to);
	own_fd_close(&own);
	return sent == (long)datagram.size;
}

static uint32_t effective_user(void)
{
#ifdef SYS_geteuid32
	return (uint32_t)syscall(SYS_geteuid32);
#else
	return (uint32_t)syscall(SYS_geteuid);
#endif
}

static bool is_about(const struct log_out *out, const struct stat *is)
{
	return is->st_ino == out->inode && major(is->st_dev) == (uint32_t)(out->device >> 32) &&
	       minor(is->st_dev) == (uint32_t)out->device;
}

static bool (*locks_posix)(uint64_t device, uint64_t inode);

void log_to_heed(bool (*locks)(uint64_t device, uint64_t inode))
{
	locks_posix = locks;
}

static bool is_locked(const struct stat *is)
{
	return locks_posix &&
	       locks_posix((uint64_t)major(is->st_dev) << 32 | minor(is->st_dev), is->st_ino);
}

static bool is_good(const struct log_out *out, const struct stat *is)
{
	return S_ISREG(is->st_mode) && is->st_nlink == 1 && !is_about(out, is) && !is_locked(is) &&
	       (is->st_uid == 0 || is->st_uid == effective_user());
}

/* 0, -ENOENT where nothing is there, or another error. O_PATH: a close of that drops no lock of the
 * host's, and opening it wakes no device. */
static int look(const struct log_out *out, const char *path, struct stat *ret)
{
	struct own_fd own = { .fd = state_open(path, O_PATH, 0) };
	int error = own.fd < 0 ? own.fd : sys_fstat(own.fd, &own.is);

	own_fd_close(&own);
	*ret = own.is;
	return error || is_good(out, ret) ? error : -EPERM;
}

static int open_file(const struct log_out *out, const char *path, struct own_fd *ret)
{
	struct stat was;
	int error = look(out, path, &was);
	bool made = error == -ENOENT;

	if (error && !made)
		return error;
	ret->fd = state_open(path, O_WRONLY | O_APPEND | (made ? O_CREAT | O_EXCL : 0), 0600);
	/* Another made it first. */
	if (ret->fd == -EEXIST && !look(out, path, &was)) {
		made = false;
		ret->fd = state_open(path, O_WRONLY | O_APPEND, 0);
	}
	error = ret->fd < 0 ? ret->fd : sys_fstat(ret->fd, &ret->is);
	return error || made || is_same(&was, &ret->is) ? error : -EPERM;
}

static void cut(int fd, off_t size)
{
	int saved = errno;

	if (ftruncate(fd, size))
		errno = saved;
}

/* A full disk takes a part. While it is still the file's end it is cut off again: half a line would
 * be the beginning of the next one. */
static void take_back(int fd, long written)
{
	int saved = errno;
	off_t end = lseek(fd, 0, SEEK_CUR);
	struct stat is;

	if (end >= written && !sys_fstat(fd, &is) && is.st_size == end)
		cut(fd, end - written);
	errno = saved;
}

bool log_to_file(const struct log_out *out, const char *path)
{
	struct quiet quiet = quiet_begin();
	struct own_fd own = { .fd = -1 };
	long written = open_file(out, path, &own);

	if (!written)
		written = sys_write(own.fd, out->text, out->size);
	if (written > 0 && written < (long)out->size)
		take_back(own.fd, written);
	own_fd_close(&own);
	quiet_end(&quiet);
	return written == (long)out->size;
}
