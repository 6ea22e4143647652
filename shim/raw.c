/* SPDX-License-Identifier: MIT
 * The wrapped functions as plain system calls. No policy, no state. */
#include "shim/raw.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifdef __GLIBC__
/* fclose under a name that nobody wraps. Weak: newer ports never had it. */
extern int _IO_fclose(FILE *stream) __attribute__((weak));
#else
#define _IO_fclose ((int (*)(FILE *))NULL)
#endif

#ifndef SYS_close_range
#define SYS_close_range 436
#endif

int raw_flock(int fd, int operation)
{
	return (int)syscall(SYS_flock, fd, operation);
}

int raw_fcntl(int fd, int command, ...)
{
	va_list arguments;
	void *argument;

	va_start(arguments, command);
	argument = va_arg(arguments, void *);
	va_end(arguments);
#ifdef SYS_fcntl64
	return (int)syscall(SYS_fcntl64, fd, command, argument);
#else
	return (int)syscall(SYS_fcntl, fd, command, argument);
#endif
}

/* lockf's section begins at the file offset; a negative length lies before it. */
static int lockf_section(int fd, int type, int command, int64_t len)
{
#ifdef __GLIBC__
	struct flock64 section = { .l_type = (short)type, .l_whence = SEEK_CUR, .l_len = len };
	const int test = F_GETLK64, set = F_SETLK64, wait = F_SETLKW64;
#else
	struct flock section = { .l_type = (short)type, .l_whence = SEEK_CUR, .l_len = len };
	const int test = F_GETLK, set = F_SETLK, wait = F_SETLKW;
#endif

	if (command != F_TEST)
		return raw_fcntl(fd, command == F_LOCK ? wait : set, &section);
	if (raw_fcntl(fd, test, &section))
		return -1;
	if (section.l_type == F_UNLCK || section.l_pid == (pid_t)syscall(SYS_getpid))
		return 0;
	errno = EACCES;
	return -1;
}

int raw_lockf64(int fd, int command, int64_t len)
{
	switch (command) {
	case F_TEST:
	case F_LOCK:
	case F_TLOCK:
		return lockf_section(fd, command == F_TEST ? F_RDLCK : F_WRLCK, command, len);
	case F_ULOCK:
		return lockf_section(fd, F_UNLCK, command, len);
	default:
		errno = EINVAL;
		return -1;
	}
}

int raw_lockf(int fd, int command, off_t len)
{
	return raw_lockf64(fd, command, len);
}

int raw_close(int fd)
{
	return (int)syscall(SYS_close, fd);
}

/* The stream's memory is the price, as in raw_fclose. */
int raw_closedir(DIR *directory)
{
	return raw_close(dirfd(directory));
}

int raw_fsync(int fd)
{
	return (int)syscall(SYS_fsync, fd);
}

int raw_fdatasync(int fd)
{
	return (int)syscall(SYS_fdatasync, fd);
}

int raw_dup(int from)
{
	return (int)syscall(SYS_dup, from);
}

int raw_dup3(int from, int to, int flags)
{
	return (int)syscall(SYS_dup3, from, to, flags);
}

/* dup3 refuses equal numbers; dup2 answers them with the number, if it is open. */
int raw_dup2(int from, int to)
{
	if (from != to)
		return raw_dup3(from, to, 0);
	return raw_fcntl(from, F_GETFD) < 0 ? -1 : to;
}

/* Without any fclose to call, the stream's memory is the price: its data and its descriptor are
 * what matters. */
int raw_fclose(FILE *stream)
{
	int flushed;

	if (_IO_fclose)
		return _IO_fclose(stream);
	flushed = fflush(stream);
	return raw_close(fileno(stream)) ? -1 : flushed;
}

int raw_close_range(unsigned first, unsigned last, int flags)
{
	return (int)syscall(SYS_close_range, first, last, flags);
}

void raw_closefrom(int first)
{
	int fd = first < 0 ? 0 : first, saved = errno;
	long limit = sysconf(_SC_OPEN_MAX);

	if (raw_close_range((unsigned)fd, UINT_MAX, 0))
		for (; fd < limit; fd++)
			raw_close(fd);
	errno = saved;
}

int raw_ioctl(int fd, IOCTL_REQUEST request, ...)
{
	va_list arguments;
	void *argument;

	va_start(arguments, request);
	argument = va_arg(arguments, void *);
	va_end(arguments);
	return (int)syscall(SYS_ioctl, fd, request, argument);
}
