/* SPDX-License-Identifier: MIT
 * One table of families: how each is asked. */
#include "cli/probe_lock.h"

#include <errno.h>
#include <string.h>
#include <sys/file.h>
#include <sys/syscall.h>
#include <unistd.h>

/* With off_t of 64 bits the commands are those of the 64-bit call, where there are two. */
#ifdef SYS_fcntl64
#define FCNTL_CALL SYS_fcntl64
#else
#define FCNTL_CALL SYS_fcntl
#endif

const char *const probe_family_names[PROBE_FAMILIES] = {
	[PROBE_FLOCK] = "flock",
	[PROBE_FCNTL] = "fcntl",
	[PROBE_LOCKF] = "lockf",
	[PROBE_OFD] = "ofd",
};

const char *const probe_mode_names[PROBE_UN] = { [PROBE_SH] = "SH", [PROBE_EX] = "EX" };

static const struct {
	int set, wait, get;
} commands[PROBE_FAMILIES] = {
	[PROBE_FLOCK] = { 0, 0, F_GETLK },
	[PROBE_FCNTL] = { F_SETLK, F_SETLKW, F_GETLK },
	[PROBE_LOCKF] = { F_SETLK, F_SETLKW, F_GETLK },
	[PROBE_OFD] = { F_OFD_SETLK, F_OFD_SETLKW, F_OFD_GETLK },
};

static const int flock_operations[] = {
	[PROBE_SH] = LOCK_SH,
	[PROBE_EX] = LOCK_EX,
	[PROBE_UN] = LOCK_UN,
};

static const short record_types[] = {
	[PROBE_SH] = F_RDLCK,
	[PROBE_EX] = F_WRLCK,
	[PROBE_UN] = F_UNLCK,
};

enum probe_family probe_family_find(const char *name, size_t len)
{
	for (int i = 0; i < PROBE_FAMILIES; i++) {
		if (strlen(probe_family_names[i]) == len &&
		    !memcmp(probe_family_names[i], name, len))
			return (enum probe_family)i;
	}
	return PROBE_FAMILIES;
}

bool probe_family_has(enum probe_family family, enum probe_mode mode)
{
	return family != PROBE_LOCKF || mode != PROBE_SH;
}

static int error_of(long result)
{
	return result < 0 ? errno : 0;
}

static int lock_flock(int fd, const struct probe_request *request)
{
	int operation = flock_operations[request->mode] | (request->wait ? 0 : LOCK_NB);

	return error_of(syscall(SYS_flock, fd, operation));
}

/* lockf counts from the file's offset, as libc's does. */
static int lock_record(int fd, const struct probe_request *request)
{
	bool from_offset = request->family == PROBE_LOCKF;
	struct flock lock = {
		.l_type = record_types[request->mode],
		.l_whence = from_offset ? SEEK_CUR : SEEK_SET,
		.l_start = from_offset ? 0 : request->start,
		.l_len = request->length,
	};
	int command =
		request->wait ? commands[request->family].wait : commands[request->family].set;

	if (from_offset && lseek(fd, request->start, SEEK_SET) < 0)
		return errno;
	return error_of(syscall(FCNTL_CALL, fd, command, &lock));
}

int probe_lock(int fd, const struct probe_request *request)
{
	return request->family == PROBE_FLOCK ? lock_flock(fd, request) : lock_record(fd, request);
}

int probe_get_lock(int fd, const struct probe_request *request, struct flock *ret)
{
	*ret = (struct flock){
		.l_type = F_WRLCK,
		.l_whence = SEEK_SET,
		.l_start = request->start,
		.l_len = request->length,
	};
	return error_of(syscall(FCNTL_CALL, fd, commands[request->family].get, ret));
}
