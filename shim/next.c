/* SPDX-License-Identifier: MIT
 * One table of next symbols. A slot begins as the plain system call and is replaced once. */
#include "shim/next.h"

#include <dlfcn.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "shim/at_load.h"
#include "shim/floor.h"
#include "shim/raw.h"

#ifdef __GLIBC__
#include <gnu/libc-version.h>
#endif

/* Before 2.34 dlsym lived in libdl: weak, since a program on such a libc may not have loaded it. */
#ifdef FLOOR_VERSION
extern __typeof__(dlsym) dlsym_at_floor __attribute__((weak));
__asm__(".symver dlsym_at_floor, dlsym@" FLOOR_VERSION);

extern __typeof__(dladdr) dladdr_at_floor __attribute__((weak));
__asm__(".symver dladdr_at_floor, dladdr@" FLOOR_VERSION);

static int have_dlsym(void)
{
	return dlsym_at_floor && dladdr_at_floor;
}
#else
#define dlsym_at_floor dlsym
#define dladdr_at_floor dladdr

static int have_dlsym(void)
{
	return 1;
}
#endif

struct next_symbols next = {
	.flock = raw_flock,
	.fcntl = raw_fcntl,
	.fcntl64 = raw_fcntl,
	.fcntl_underscored = raw_fcntl,
#ifdef LOCKSHIM_FCNTL_TIME64
	.fcntl_time64 = raw_fcntl,
	.ioctl_time64 = raw_ioctl,
#endif
	.lockf = raw_lockf,
	.lockf64 = raw_lockf64,
	.close = raw_close,
	.closedir = raw_closedir,
	.dup = raw_dup,
	.dup2 = raw_dup2,
	.dup3 = raw_dup3,
	.fclose = raw_fclose,
	.close_range = raw_close_range,
	.closefrom = raw_closefrom,
	.ioctl = raw_ioctl,
	.execve = raw_execve,
	.execv = raw_execv,
	.execvp = raw_execvp,
	.execvpe = raw_execvpe,
	.fexecve = raw_fexecve,
	.execveat = raw_execveat,
	.daemon = raw_daemon,
	.fsync = raw_fsync,
	.fdatasync = raw_fdatasync,
	.exit_now = raw_exit,
	.exit_now_by_c = raw_exit,
};

#define NOT_IN_MUSL 1
#define SLOT(member, name, since) #name, offsetof(struct next_symbols, member), (void *)name, since

static const struct {
	const char *name;
	size_t slot;
	void *ours;
	int since; /* glibc's minor version that brought it; 0: in every libc */
} symbols[] = {
	{ SLOT(flock, flock, 0) },
	{ SLOT(fcntl, fcntl, 0) },
	{ SLOT(fcntl64, fcntl64, 28) },
	{ SLOT(fcntl_underscored, __fcntl, NOT_IN_MUSL) },
#ifdef LOCKSHIM_FCNTL_TIME64
	{ SLOT(fcntl_time64, __fcntl_time64, 34) },
	{ SLOT(ioctl_time64, __ioctl_time64, 34) },
#endif
	{ SLOT(lockf, lockf, 0) },
	{ SLOT(lockf64, lockf64, NOT_IN_MUSL) },
	{ SLOT(close, close, 0) },
	{ SLOT(closedir, closedir, 0) },
	{ SLOT(dup, dup, 0) },
	{ SLOT(dup2, dup2, 0) },
	{ SLOT(dup3, dup3, 0) },
	{ SLOT(fclose, fclose, 0) },
	{ SLOT(close_range, close_range, 34) },
	{ SLOT(closefrom, closefrom, 34) },
	{ SLOT(ioctl, ioctl, 0) },
	{ SLOT(execve, execve, 0) },
	{ SLOT(execv, execv, 0) },
	{ SLOT(execvp, execvp, 0) },
	{ SLOT(execvpe, execvpe, 0) },
	{ SLOT(fexecve, fexecve, 0) },
	{ SLOT(execveat, execveat, 34) },
	{ SLOT(daemon, daemon, 0) },
	{ SLOT(fsync, fsync, 0) },
	{ SLOT(fdatasync, fdatasync, 0) },
	{ SLOT(exit_now, _exit, 0) },
	{ SLOT(exit_now_by_c, _Exit, 0) },
};

/* The minor version of the glibc that runs us, not of the one that built us. */
static int libc_minor(void)
{
#ifdef __GLIBC__
	const char *dot = strchr(gnu_get_libc_version(), '.');
	int minor = 0;

	for (dot = dot ? dot + 1 : ""; *dot >= '0' && *dot <= '9'; dot++)
		minor = minor * 10 + (*dot - '0');
	return minor;
#else
	return 0;
#endif
}

AT_LOAD void next_resolve(void)
{
	int minor = libc_minor();
	size_t i;

	if (!have_dlsym())
		return;
	for (i = 0; i < sizeof symbols / sizeof symbols[0]; i++) {
		void *found;

		if (symbols[i].since > minor)
			continue;
		found = dlsym_at_floor(RTLD_NEXT, symbols[i].name);
		if (found && found != symbols[i].ours)
			__atomic_store_n((void **)((char *)&next + symbols[i].slot), found,
					 __ATOMIC_RELAXED);
	}
}

const char *next_own_path(void)
{
	static const char inside;
	Dl_info info;

	return have_dlsym() && dladdr_at_floor(&inside, &info) ? info.dli_fname : NULL;
}
