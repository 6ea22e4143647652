/* SPDX-License-Identifier: MIT
 * What every part of a turn needs. */
#include "tests/fuse/schedules/act.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/syscall.h>
#include <unistd.h>

_Noreturn void act_gone(void)
{
	syscall(SYS_exit_group, 1);
	__builtin_unreachable();
}

void act_must(bool done)
{
	if (done)
		return;
	if (errno != EIO)
		perror("schedules: a holder, and no crash is why");
	act_gone();
}

int act_set_record(enum family family, int fd, int type, off_t start, off_t length)
{
	struct flock record = {
		.l_type = (short)type, .l_whence = SEEK_SET, .l_start = start, .l_len = length
	};

	return fcntl(fd, family == FAMILY_OFD ? F_OFD_SETLKW : F_SETLKW, &record);
}

int act_lock(enum family family, int fd, int type)
{
	static const int operations[] = {
		[F_RDLCK] = LOCK_SH, [F_WRLCK] = LOCK_EX, [F_UNLCK] = LOCK_UN
	};

	return family == FAMILY_FLOCK ? flock(fd, operations[type])
				      : act_set_record(family, fd, type, 0, 0);
}

bool act_is_buffered(enum way way)
{
	return way == WAY_FCLOSE || way == WAY_BUFFERED || way == WAY_BUFFERED_EXIT;
}

bool act_is_read_only(enum way way)
{
	return way == WAY_READ_ONLY || way == WAY_SHARED;
}
