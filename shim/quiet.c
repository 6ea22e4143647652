/* SPDX-License-Identifier: MIT
 * One write under blocked signals; those that it raised are taken back. */
#include "shim/quiet.h"

#include <poll.h>
#include <signal.h>
#include <stdint.h>

#include "policy/sys.h"

/* The kernel's signal set; musl's and glibc's are larger, and sigprocmask is the host's to wrap. */
typedef uint64_t kernel_sigset;

#define BIT(number) ((kernel_sigset)1 << ((number)-1))
#define RAISED (BIT(SIGPIPE) | BIT(SIGXFSZ) | BIT(SIGTTOU))

static kernel_sigset change_mask(int how, kernel_sigset set)
{
	kernel_sigset before = 0;
	int saved = errno;

	syscall(SYS_rt_sigprocmask, how, &set, &before, sizeof set);
	errno = saved;
	return before;
}

static kernel_sigset pending(void)
{
	kernel_sigset set = 0;
	int saved = errno;

	syscall(SYS_rt_sigpending, &set, sizeof set);
	errno = saved;
	return set;
}

static void take_back(kernel_sigset raised)
{
	const int64_t at_once[2] = { 0 };
	int saved = errno;

#ifdef SYS_rt_sigtimedwait
	while (raised && syscall(SYS_rt_sigtimedwait, &raised, NULL, at_once, sizeof raised) > 0)
		raised &= pending();
#else
	(void)raised;
	(void)at_once;
#endif
	errno = saved;
}

struct quiet quiet_begin(void)
{
	kernel_sigset before = change_mask(SIG_BLOCK, RAISED);

	return (struct quiet){ before, pending() };
}

void quiet_end(const struct quiet *quiet)
{
	take_back(pending() & ~quiet->old & RAISED);
	change_mask(SIG_SETMASK, quiet->before);
}

/* poll is a cancellation point; ppoll's system call takes a zero of either width for its time. */
static int is_writable(int fd)
{
	struct pollfd ask = { .fd = fd, .events = POLLOUT };
	const int64_t at_once[2] = { 0 };
	int saved = errno;
	int ready = syscall(SYS_ppoll, &ask, 1, at_once, NULL, 0) == 1 && ask.revents == POLLOUT;

	errno = saved;
	return ready;
}

/* A pipe that can take something takes PIPE_BUF bytes at once; a line is shorter. */
long quiet_write(int fd, const void *from, size_t size)
{
	struct quiet quiet = quiet_begin();
	long written = is_writable(fd) ? sys_write(fd, from, size) : -EAGAIN;

	quiet_end(&quiet);
	return written;
}

bool quiet_is_connection(const struct stat *is)
{
	struct stat input;

	return S_ISSOCK(is->st_mode) && !sys_fstat(0, &input) && is->st_ino == input.st_ino &&
	       is->st_dev == input.st_dev;
}
