/* SPDX-License-Identifier: MIT
 * From fdinfo, which is of one moment; and /proc/locks, which is not. */
#include "shim/foreign_own.h"

#include <string.h>

#include "policy/sys.h"
#include "shim/fd_list.h"
#include "shim/keeper_bytes.h"
#include "shim/ofd_commands.h"

static bool meets(const struct listed_lock *lock, const struct mixed_range *range)
{
	return lock->start <= range->end && lock->end >= range->start &&
	       (lock->type == F_WRLCK || range->type == F_WRLCK);
}

static void add(struct own *own, const struct listed_lock *lock, int fd)
{
	if (!meets(lock, own->range))
		return;
	if (own->locks == OWN_LOCKS)
		own->unknown = true;
	else
		own->lock[own->locks++] = (struct own_lock){ *lock, fd };
}

/* What a keeper of LOCK holds, who is another process. */
static void add_kept(struct own *own, const struct listed_lock *lock, short type)
{
	struct listed_lock kept = *lock;

	kept.family = LISTED_OFD;
	kept.pid = -1;
	kept.type = type;
	kept.start = 0;
	kept.end = KEEPER_END - 1;
	own->kept = true;
	add(own, &kept, -1);
}

static bool is_write_only(int fd)
{
	return (sys_fcntl(fd, F_GETFL, NULL) & O_ACCMODE) == O_WRONLY;
}

static void add_line(struct own *own, int fd, const struct listed_lock *lock)
{
	switch (lock->family) {
	case LISTED_FLOCK:
		if (lock->type == F_RDLCK && is_write_only(fd))
			add_kept(own, lock, F_RDLCK);
		break;
	case LISTED_OFD:
		if (lock->start == KEEPER_ORDER && lock->end == KEEPER_LIFE)
			add_kept(own, lock, F_WRLCK);
		add(own, lock, fd);
		break;
	case LISTED_POSIX:
		add(own, lock, fd);
		break;
	default:
		break;
	}
}

static bool is_seen(const struct own *own, int fd)
{
	unsigned i;

	for (i = 0; i < own->fds; i++)
		if (fd_is_same_description(own->fd[i], fd))
			return true;
	return false;
}

/* A duplicate would list what was listed before. */
static bool see(void *context, int fd)
{
	struct own *own = context;
	struct listed_lock lock;
	struct lock_lines lines;
	int error;

	if (sys_fcntl(fd, F_GETFL, NULL) & O_PATH || is_seen(own, fd))
		return true;
	if (own->fds < OWN_FDS)
		own->fd[own->fds++] = fd;
	error = lock_lines_of(&lines, fd);
	own->unknown |= error && error != -ENOENT;
	while (!error && lock_lines_next(&lines, &lock))
		add_line(own, fd, &lock);
	lock_lines_end(&lines);
	return true;
}

void foreign_own_read(struct own *own, int fd)
{
	struct stat file;

	own->kept = false;
	own->fds = own->locks = 0;
	own->unknown = sys_fstat(fd, &file) || fd_list_of(&file, see, own);
}

static bool is_of_file(const struct listed_lock *lock, const struct listed_lock *other)
{
	return lock->inode == other->inode && lock->major == other->major &&
	       lock->minor == other->minor;
}

static bool is_like(const struct listed_lock *a, const struct listed_lock *b)
{
	return a->start == b->start && a->end == b->end && is_of_file(a, b) &&
	       a->family == b->family && a->pid == b->pid && a->type == b->type &&
	       a->wait == b->wait;
}

/* Takes the line's counterpart out: another may read the like. One that writes is ours each time
 * that the list has it. */
static bool take_out(struct own *own, const struct listed_lock *lock)
{
	unsigned i;

	for (i = 0; i < own->locks && !is_like(&own->lock[i].is, lock); i++)
		;
	if (i == own->locks)
		return false;
	if (lock->type == F_RDLCK)
		own->lock[i] = own->lock[--own->locks];
	return true;
}

bool foreign_own_missing(struct own *own, unsigned first, struct foreign_lock *ret)
{
	struct listed_lock lock, file = own->lock[0].is;
	struct lock_lines lines;
	bool found = false;
	int error = lock_lines_of_all(&lines, first);

	while (!error && lock_lines_next(&lines, &lock)) {
		if (lock.wait || (lock.family != LISTED_POSIX && lock.family != LISTED_OFD) ||
		    !is_of_file(&lock, &file) || !meets(&lock, own->range) || take_out(own, &lock))
			continue;
		if (found && ret->range.start <= lock.start)
			continue;
		found = true;
		ret->range = (struct mixed_range){ lock.start, lock.end, lock.type };
		ret->pid = lock.pid;
	}
	lock_lines_end(&lines);
	return found;
}
