/* SPDX-License-Identifier: MIT
 * upgrade = atomic: SH to EX without letting the shared lock go. */
#ifndef LOCKSHIM_UPGRADE_H
#define LOCKSHIM_UPGRADE_H

/* Waits for the exclusive OFD lock on the whole file while the shared one, which this description
 * holds, stays. 0; -EDEADLK where another preloaded process does the same on this file: each would
 * wait for the other's shared lock for ever; -EINTR with the shared lock kept. POSIX locks need no
 * such thing: the kernel finds the cycle. */
int upgrade_wait(int fd);

#endif
