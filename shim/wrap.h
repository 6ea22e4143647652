/* SPDX-License-Identifier: MIT
 * The names we export, as libc declares them, in one place: headers disagree about fcntl64 and
 * lockf64 by feature macros. Equals exports.map, to which CMake
 * adds __fcntl_time64 and __ioctl_time64 where LOCKSHIM_FCNTL_TIME64. */
#ifndef LOCKSHIM_WRAP_H
#define LOCKSHIM_WRAP_H

#include <dirent.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/types.h>
#include <unistd.h>

#include "shim/no_canary.h"

/* musl's headers turn these names into the plain ones. */
#undef fcntl64
#undef lockf64

#ifdef __GLIBC__
#define IOCTL_REQUEST unsigned long
#else
#define IOCTL_REQUEST int
#endif

#define EXPORT __attribute__((visibility("default")))

int fcntl64(int fd, int command, ...);
int __fcntl(int fd, int command, ...);
#ifdef LOCKSHIM_FCNTL_TIME64
int __fcntl_time64(int fd, int command, ...);
int __ioctl_time64(int fd, unsigned long request, ...);
#endif
int lockf64(int fd, int command, int64_t len);
int close_range(unsigned first, unsigned last, int flags);
void closefrom(int first);
int execveat(int directory, const char *path, char *const argv[], char *const envp[], int flags);

#endif
