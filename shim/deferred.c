/* SPDX-License-Identifier: MIT
 * By system calls: libc hides its own signals, and its sigset_t is larger than the kernel's. */
#include "shim/deferred.h"

#include <errno.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#define SIGNALS 64

void deferred_begin(struct deferred *ret)
{
	const uint64_t all = ~(uint64_t)0;
	int saved = errno;

	ret->mask = 0;
	ret->deaf = false;
	syscall(SYS_rt_sigprocmask, SIG_SETMASK, &all, &ret->mask, sizeof all);
	errno = saved;
}

void deferred_end(const struct deferred *deferred)
{
	int saved = errno;

	syscall(SYS_rt_sigprocmask, SIG_SETMASK, &deferred->mask, NULL, sizeof deferred->mask);
	errno = saved;
}

/* The kernel's struct sigaction, as far as it is read: handler and flags stand first. */
struct kernel_action {
	uintptr_t handler;
	unsigned long flags;
	unsigned long rest[8];
};

static bool ignored_by_default(int number)
{
	return number == SIGCHLD || number == SIGCONT || number == SIGURG || number == SIGWINCH;
}

static bool is_effective(int number, bool *ret_restart)
{
	struct kernel_action action = { 0 };

	if (syscall(SYS_rt_sigaction, number, NULL, &action, sizeof(uint64_t)))
		return false;
	if (action.handler == (uintptr_t)SIG_IGN)
		return false;
	if (action.handler == (uintptr_t)SIG_DFL)
		return !ignored_by_default(number);
	*ret_restart = *ret_restart && action.flags & SA_RESTART;
	return true;
}

/* As the sender made it; the thread sends it to itself, which the kernel allows for any. */
static void put_back(int number, siginfo_t *info)
{
	syscall(SYS_rt_tgsigqueueinfo, syscall(SYS_getpid), syscall(SYS_gettid), number, info);
}

static bool is_wake(int number, const siginfo_t *info, int waker)
{
	return number == DEFERRED_WAKE && info->si_code == SI_TKILL && info->si_pid == waker;
}

void deferred_sleep(struct deferred *deferred, int waker)
{
	const uint64_t wake = (uint64_t)1 << (DEFERRED_WAKE - 1);
	const uint64_t set = ~deferred->mask | (deferred->deaf ? 0 : wake);
	const struct {
		long seconds, nanoseconds;
	} ten_milliseconds = { 0, 10000000 };
	int saved = errno, number;
	siginfo_t info;
	bool restart = true;

	number = (int)syscall(SYS_rt_sigtimedwait, &set, &info, &ten_milliseconds, sizeof set);
	errno = saved;
	if (number <= 0 || is_wake(number, &info, waker))
		return;
	if (deferred->mask & (uint64_t)1 << (number - 1))
		deferred->deaf = true;
	else if (!is_effective(number, &restart))
		return;
	put_back(number, &info);
	errno = saved;
}

bool deferred_due(const struct deferred *deferred, bool *ret_restart)
{
	uint64_t pending = 0;
	int saved = errno, number;
	bool due = false;

	*ret_restart = true;
	syscall(SYS_rt_sigpending, &pending, sizeof pending);
	pending &= ~deferred->mask;
	for (number = 1; pending && number <= SIGNALS; number++)
		if (pending & (uint64_t)1 << (number - 1))
			due = is_effective(number, ret_restart) || due;
	errno = saved;
	return due;
}

int deferred_pause(void)
{
	struct deferred deferred;
	bool due, restart = true;

	deferred_begin(&deferred);
	deferred_sleep(&deferred, 0);
	due = deferred_due(&deferred, &restart);
	deferred_end(&deferred);
	return due && !restart ? -EINTR : 0;
}
