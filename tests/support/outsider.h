/* SPDX-License-Identifier: MIT
 * A process that no shim reaches: it asks the kernel by raw system calls. What it is refused is
 * locked; nothing else proves a lock. */
#ifndef LOCKSHIM_TESTS_OUTSIDER_H
#define LOCKSHIM_TESTS_OUTSIDER_H

#include <stdbool.h>
#include <sys/types.h>

enum outsider_family { BY_FLOCK, BY_POSIX, BY_OFD };

/* Tries LOCK_SH or LOCK_EX on the whole file in a process of its own, without waiting, and lets go.
 * 0, or the errno. */
int outsider_try(const char *path, enum outsider_family family, int operation);

/* Holds the lock until outsider_stop(). Fails the program where it is not to be had. */
struct outsider {
	pid_t pid;
	int tell;
};
struct outsider outsider_hold(const char *path, enum outsider_family family, int operation);
void outsider_stop(struct outsider *outsider);

/* The raw call itself: 0 or errno. */
int outsider_call(int fd, enum outsider_family family, int operation, bool wait);

/* Waits until /proc/locks shows a process blocked on the inode of PATH. */
void outsider_await_waiter(const char *path);

#endif
