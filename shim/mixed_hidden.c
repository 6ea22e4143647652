/* SPDX-License-Identifier: MIT
 * Asked as a POSIX lock, to which this process's own are none. */
#include "shim/mixed_hidden.h"

#include "policy/sys.h"
#include "shim/ofd_commands.h"
#include "shim/record.h"

/* What lies behind MIXED_END the flock has; and no more than that beside our read lock. */
static bool stands_in(int fd, const struct mixed_range *own, struct mixed_range *ret)
{
	int64_t end = own->end < MIXED_END ? own->end : MIXED_END;
	struct flock record = {
		.l_type = F_WRLCK,
		.l_whence = SEEK_SET,
		.l_start = own->start,
		.l_len = end - own->start + 1,
	};

	if (own->start > MIXED_END)
		return false;
	(void)record_set(fd, F_OFD_SETLK, F_UNLCK, record.l_start, record.l_len);
	if (sys_fcntl(fd, F_GETLK, &record) || record.l_type == F_UNLCK)
		return false;
	*ret = (struct mixed_range){ own->start, end, F_WRLCK };
	if (record.l_start > ret->start)
		ret->start = record.l_start;
	if (record.l_len && record.l_start + record.l_len - 1 < end)
		ret->end = record.l_start + record.l_len - 1;
	return true;
}

bool hidden_stands(int fd, const struct own_ranges *own, struct mixed_range *ret)
{
	unsigned i;

	for (i = 0; i < own->count; i++)
		if (own->at[i].type == F_RDLCK && stands_in(fd, &own->at[i], ret))
			return true;
	return false;
}

/* The read lock stays while it is to be a write lock; and is one again. */
int hidden_wait(int fd, const struct mixed_range *hidden)
{
	int64_t length = hidden->end - hidden->start + 1;
	int result = record_set(fd, F_SETLKW, F_WRLCK, hidden->start, length);

	if (!result)
		(void)record_set(fd, F_SETLK, F_RDLCK, hidden->start, length);
	return result;
}
