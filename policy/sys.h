/* SPDX-License-Identifier: MIT
 * The system calls that policy/ and shim/ make themselves, past libc: no symbol newer than the
 * floor (fstat is GLIBC_2.33), no cancellation point, no other preload's wrapper, no wrapper of
 * ours. Each returns its result or -errno, and leaves errno as it was. */
#ifndef LOCKSHIM_SYS_H
#define LOCKSHIM_SYS_H

#include <errno.h>
#include <fcntl.h>
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

static inline int sys_open(const char *path, int flags)
{
	int saved = errno;

	return (int)sys_result(syscall(SYS_openat, AT_FDCWD, path, flags | O_CLOEXEC, 0), saved);
}

/* 0 where something is there, whoever may read it. */
static inline int sys_access(const char *path)
{
	int saved = errno;

	return (int)sys_result(syscall(SYS_faccessat, AT_FDCWD, path, F_OK), saved);
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

static inline long sys_write(int fd, const void *from, size_t size)
{
	int saved = errno;

	return sys_result(syscall(SYS_write, fd, from, size), saved);
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

static inline long sys_getdents(int fd, void *into, size_t size)
{
	int saved = errno;

	return sys_result(syscall(SYS_getdents64, fd, into, size), saved);
}

static inline long sys_readlink(const char *path, char *into, size_t size)
{
	int saved = errno;

	return sys_result(syscall(SYS_readlinkat, AT_FDCWD, path, into, size), saved);
}

/* arg as fcntl takes it; on 32-bit records are struct flock64. */
static inline long sys_fcntl(int fd, int command, void *arg)
{
	int saved = errno;
#ifdef SYS_fcntl64
	return sys_result(syscall(SYS_fcntl64, fd, command, arg), saved);
#else
	return sys_result(syscall(SYS_fcntl, fd, command, arg), saved);
#endif
}

static inline int sys_madvise(void *at, size_t size, int advice)
{
	int saved = errno;

	return (int)sys_result(syscall(SYS_madvise, at, size, advice), saved);
}

static inline int sys_getpid(void)
{
	return (int)syscall(SYS_getpid);
}

/* Fresh zeroed pages, or NULL. mmap is in libc since ever and knows 32-bit's page offsets. */
static inline void *sys_pages(size_t size)
{
	int saved = errno;
	void *at = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	errno = saved;
	return at == MAP_FAILED ? NULL : at;
}

static inline void sys_pages_free(void *at, size_t size)
{
	int saved = errno;

	munmap(at, size);
	errno = saved;
}

#endif
