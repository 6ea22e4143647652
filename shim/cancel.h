/* SPDX-License-Identifier: MIT
 * libc's F_SETLKW and lockf are cancellation points whether they wait or not. Where they are asked
 * without waiting first, that is made up for. */
#ifndef LOCKSHIM_CANCEL_H
#define LOCKSHIM_CANCEL_H

/* As pthread_testcancel(); nothing in a program without threads on a glibc before 2.34. */
void cancel_point(void);

#endif
