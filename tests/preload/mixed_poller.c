/* SPDX-License-Identifier: MIT
 * Counts in shared memory. */
#include "tests/preload/mixed_poller.h"

#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include "tests/preload/common.h"

static _Noreturn void poll_for_ever(const char *path, volatile unsigned *granted,
				    volatile unsigned *tries)
{
	int fd = (int)syscall(SYS_openat, AT_FDCWD, path, O_RDWR, 0);

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (;; ++*tries)
		if (!outsider_call(fd, BY_OFD, LOCK_EX, false)) {
			++*granted;
			outsider_call(fd, BY_OFD, LOCK_UN, false);
		}
}

struct poller poller_start(const char *path)
{
	struct poller poller;
	unsigned *words =
		mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	assert_ptr_not_equal(words, MAP_FAILED);
	poller.granted = &words[0];
	poller.tries = &words[1];
	poller.pid = fork();
	if (!poller.pid)
		poll_for_ever(path, poller.granted, poller.tries);
	return poller;
}

unsigned poller_granted(const struct poller *poller)
{
	unsigned granted = *poller->granted, tries = *poller->tries; /* in this order */

	while (*poller->tries - tries < 3)
		sched_yield();
	return *poller->granted - granted;
}

void poller_stop(struct poller *poller)
{
	kill(poller->pid, SIGKILL);
	assert_int_equal(waitpid(poller->pid, NULL, 0), poller->pid);
	munmap((void *)(uintptr_t)poller->granted, 4096);
}
