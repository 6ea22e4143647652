/* SPDX-License-Identifier: MIT
 * The functions that our wrappers stand in front of: the next definition of each name after ours,
 * which may be another preload's. */
#ifndef LOCKSHIM_NEXT_H
#define LOCKSHIM_NEXT_H

#include "shim/wrap.h"

struct next_symbols {
	__typeof__(flock) *flock;
	int (*fcntl)(int fd, int command, ...);
	int (*fcntl64)(int fd, int command, ...);
	int (*fcntl_underscored)(int fd, int command, ...);
#ifdef LOCKSHIM_FCNTL_TIME64
	int (*fcntl_time64)(int fd, int command, ...);
	int (*ioctl_time64)(int fd, IOCTL_REQUEST request, ...);
#endif
	int (*lockf)(int fd, int command, off_t len);
	int (*lockf64)(int fd, int command, int64_t len);
	__typeof__(close) *close;
	__typeof__(closedir) *closedir;
	__typeof__(dup) *dup;
	__typeof__(dup2) *dup2;
	__typeof__(dup3) *dup3;
	__typeof__(fclose) *fclose;
	int (*close_range)(unsigned first, unsigned last, int flags);
	void (*closefrom)(int first);
	int (*ioctl)(int fd, IOCTL_REQUEST request, ...);
	__typeof__(execve) *execve;
	__typeof__(execv) *execv;
	__typeof__(execvp) *execvp;
	__typeof__(execvpe) *execvpe;
	__typeof__(fexecve) *fexecve;
	__typeof__(execveat) *execveat;
	__typeof__(daemon) *daemon;
	__typeof__(fsync) *fsync;
	__typeof__(fdatasync) *fdatasync;
	void (*exit_now)(int status);
	void (*exit_now_by_c)(int status);
};

/* Every slot can be called at any time: until next_resolve() found the real one, and where there is
 * none, it is the plain system call of raw.h. Read through NEXT. */
extern struct next_symbols next;
#define NEXT(name) __atomic_load_n(&next.name, __ATOMIC_RELAXED)

/* Looks the names up. Idempotent, from any thread; no lookup that could fail (a failing dlsym
 * allocates and leaves its text for the host's dlerror). */
void next_resolve(void);

/* The path that this library was loaded by; NULL where it can't be told. */
const char *next_own_path(void);

#endif
