/* SPDX-License-Identifier: MIT
 * Locks on a part of a file, by the program and from outside. */
#ifndef LOCKSHIM_TESTS_PRELOAD_PARTS_H
#define LOCKSHIM_TESTS_PRELOAD_PARTS_H

#include "tests/preload/common.h"

#include <sys/syscall.h>

#ifdef SYS_fcntl64
#define RAW_FCNTL SYS_fcntl64
#define RAW_SETLK F_SETLK64
#else
#define RAW_FCNTL SYS_fcntl
#define RAW_SETLK F_SETLK
#endif

/* As fcntl(). */
int record(int fd, int command, short type, off_t start, off_t length);

/* 0, or the errno of the raw call through a new descriptor, which stays open. */
int raw_record(const char *path, int command, short type, off_t start, off_t length);

/* As outsider_try(), of a part of the file. */
int outsider_range(const char *path, int command, short type, off_t start, off_t length);

#endif
