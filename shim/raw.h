/* SPDX-License-Identifier: MIT
 * What the wrapped functions are without libc: system calls, for the time before the next symbols
 * are known and for a glibc older than 2.34 whose program did not load libdl. */
#ifndef LOCKSHIM_RAW_H
#define LOCKSHIM_RAW_H

#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

#include "shim/wrap.h"

/* Each as its namesake in libc, but never a cancellation point. */
int raw_flock(int fd, int operation);
int raw_fcntl(int fd, int command, ...);
int raw_lockf(int fd, int command, off_t len);
int raw_lockf64(int fd, int command, int64_t len);
int raw_close(int fd);
int raw_closedir(DIR *directory);
int raw_dup(int from);
int raw_fsync(int fd);
int raw_fdatasync(int fd);
int raw_dup2(int from, int to);
int raw_dup3(int from, int to, int flags);
int raw_fclose(FILE *stream);
int raw_close_range(unsigned first, unsigned last, int flags);
void raw_closefrom(int first);
int raw_ioctl(int fd, IOCTL_REQUEST request, ...);
int raw_execve(const char *path, char *const argv[], char *const envp[]);
int raw_execv(const char *path, char *const argv[]);
int raw_execvp(const char *file, char *const argv[]);
int raw_execvpe(const char *file, char *const argv[], char *const envp[]);
int raw_fexecve(int fd, char *const argv[], char *const envp[]);
int raw_execveat(int directory, const char *path, char *const argv[], char *const envp[],
		 int flags);
int raw_daemon(int stays, int keeps);
void raw_exit(int status);

#endif
