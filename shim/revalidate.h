/* SPDX-License-Identifier: MIT
 * on-lock = revalidate: the kernel forgets what it keeps of a file that others may have written. */
#ifndef LOCKSHIM_REVALIDATE_H
#define LOCKSHIM_REVALIDATE_H

/* To be called once a lock on FD's file is granted, and never with signals held back: a server is
 * asked, which may take its time. What is read(2) then on this host, through any descriptor, is
 * what the last holder flushed; of mapped pages see lockshim.conf(5). 0, or -errno where the server
 * could not be asked: then the end of the file may be an old one. The lock stands either way.
 *
 * Async-signal-safe. errno is as it was. No descriptor is opened or closed, so the process keeps
 * its POSIX locks. What was written here and not flushed yet is kept. One system call for a file on
 * a disk of this host, whose cache is everybody's, and for what is no regular file; else three. */
int revalidate(int fd);

#endif
