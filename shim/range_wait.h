/* SPDX-License-Identifier: MIT
 * Threads of this process that wait for record locks. A second one on the same file has to go by
 * the same description: by another it would wait for what the first is granted, which is its own.
 */
#ifndef LOCKSHIM_RANGE_WAIT_H
#define LOCKSHIM_RANGE_WAIT_H

/* The descriptor by which a thread waits for FD's file; FD where none does. */
int range_wait_home(int fd);

/* Around the wait. Where the thread is cancelled in it the place stays taken, which costs time
 * alone. */
unsigned range_wait_begin(int fd);
void range_wait_end(unsigned place);

#endif
