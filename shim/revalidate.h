/* SPDX-License-Identifier: MIT
 * on-lock = revalidate: the kernel forgets what it keeps of a file that others may have written. */
#ifndef LOCKSHIM_REVALIDATE_H
#define LOCKSHIM_REVALIDATE_H

/* To be called once a lock on FD's file is granted, and never with signals held back: a server is
 * asked, which may take its time. What this process reads then, through any descriptor, is what the
 * last holder flushed. 0, or -errno where the server could not be asked; the lock stands either
 * way.
 *
 * Async-signal-safe. errno is as it was, no descriptor is opened or closed, so the process keeps
 * its POSIX locks. What it wrote and did not flush yet is kept. On a local file system, which has
 * one cache for everybody, one system call; else four. */
int revalidate(int fd);

#endif
