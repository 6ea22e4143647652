/* SPDX-License-Identifier: MIT
 * The system calls that the writer makes itself, past libc: none is a cancellation point or comes
 * to a wrapper. Each returns its result or -errno, and leaves errno as it was. */
#ifndef LOCKSHIM_TRACE_SYS_H
#define LOCKSHIM_TRACE_SYS_H

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static inline long sys_result(long result, int saved_errno)
{
	if (result >= 0)
		return result;
	result = -errno;
	errno = saved_errno;
	return result;
}

static inline int sys_openat(int directory, const char *path, int flags, unsigned mode)
{
	int saved = errno;

	return (int)sys_result(syscall(SYS_openat, directory, path, flags | O_CLOEXEC, mode),
			       saved);
}

static inline int sys_close(int fd)
{
	int saved = errno;

	return (int)sys_result(syscall(SYS_close, fd), saved);
}

static inline long sys_read(int fd, void *into, size_t size)
{
	int saved = errno;

	return sys_result(syscall(SYS_read, fd, into, size), saved);
}

/* From and to the file's begin: by two processes at once it is the same. */
static inline long sys_read_first(int fd, void *into, size_t size)
{
	int saved = errno;

	return sys_result(syscall(SYS_pread64, fd, into, size, 0, 0, 0), saved);
}

static inline long sys_write_first(int fd, const void *from, size_t size)
{
	int saved = errno;

	return sys_result(syscall(SYS_pwrite64, fd, from, size, 0, 0, 0), saved);
}

/* 32-bit: the kernel's stat64, which libc's struct stat begins with where offsets have 64 bits. */
static inline int sys_fstat(int fd, struct stat *ret)
{
	int saved = errno;
#ifdef SYS_fstat64
	return (int)sys_result(syscall(SYS_fstat64, fd, ret), saved);
#else
	return (int)sys_result(syscall(SYS_fstat, fd, ret), saved);
#endif
}

static inline int sys_mkdirat(int directory, const char *path, unsigned mode)
{
	int saved = errno;

	return (int)sys_result(syscall(SYS_mkdirat, directory, path, mode), saved);
}

static inline int sys_linkat(int directory, const char *from, const char *to)
{
	int saved = errno;

	return (int)sys_result(syscall(SYS_linkat, directory, from, directory, to, 0), saved);
}

static inline int sys_renameat(int directory, const char *from, const char *to)
{
	int saved = errno;
#ifdef SYS_renameat
	return (int)sys_result(syscall(SYS_renameat, directory, from, directory, to), saved);
#else
	return (int)sys_result(syscall(SYS_renameat2, directory, from, directory, to, 0), saved);
#endif
}

static inline int sys_unlinkat(int directory, const char *path)
{
	int saved = errno;

	return (int)sys_result(syscall(SYS_unlinkat, directory, path, 0), saved);
}

/* libc has these since ever, and knows how 32-bit hands 64 bits over. */
static inline int sys_ftruncate(int fd, uint64_t size)
{
	int saved = errno;

	return (int)sys_result(ftruncate(fd, (off_t)size), saved);
}

/* Not pread, which in libc is a cancellation point. */
static inline long sys_read_at(int fd, void *into, size_t size, uint64_t at)
{
	int saved = errno;

	if (lseek(fd, (off_t)at, SEEK_SET) == (off_t)-1)
		return sys_result(-1, saved);
	return sys_result(syscall(SYS_read, fd, into, size), saved);
}

static inline int sys_madvise(void *at, size_t size, int advice)
{
	int saved = errno;

	return (int)sys_result(syscall(SYS_madvise, at, size, advice), saved);
}

static inline uint32_t sys_getpid(void)
{
	return (uint32_t)syscall(SYS_getpid);
}

static inline uint32_t sys_gettid(void)
{
	return (uint32_t)syscall(SYS_gettid);
}

/* True where there is no such thread in the process any more. */
static inline bool sys_is_gone(uint32_t pid, uint32_t tid)
{
	int saved = errno;

	return sys_result(syscall(SYS_tgkill, pid, tid, 0), saved) == -ESRCH;
}

/* Fresh zeroed pages, or NULL. */
static inline void *sys_pages(size_t size)
{
	int saved = errno;
	void *at = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	errno = saved;
	return at == MAP_FAILED ? NULL : at;
}

static inline void sys_unmap(void *at, size_t size)
{
	int saved = errno;

	munmap(at, size);
	errno = saved;
}

/* A descriptor of ours for the length of one function. */
struct sys_fd {
	int fd; /* or -errno */
	struct stat is;
};

/* 0 or -errno. */
static inline int sys_fd_open(struct sys_fd *ret, int directory, const char *path, int flags)
{
	int error;

	ret->fd = sys_openat(directory, path, flags, 0600);
	if (ret->fd < 0)
		return ret->fd;
	error = sys_fstat(ret->fd, &ret->is);
	if (error) {
		sys_close(ret->fd);
		ret->fd = error;
	}
	return error;
}

/* Closes what is still ours: another thread of the host may have closed all numbers meanwhile, and
 * opened a file of its own. */
static inline void sys_fd_close(const struct sys_fd *own)
{
	struct stat now;

	if (own->fd >= 0 && !sys_fstat(own->fd, &now) && now.st_dev == own->is.st_dev &&
	    now.st_ino == own->is.st_ino)
		sys_close(own->fd);
}

#endif
