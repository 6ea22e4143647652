/* SPDX-License-Identifier: MIT
 * The kernel's answer where it tells enough; else the list of all locks, less our own. */
#include "shim/foreign.h"

#include <string.h>

#include "policy/sys.h"
#include "shim/fd_list.h"
#include "shim/fdinfo_locks.h"
#include "shim/keeper_bytes.h"
#include "shim/ofd_commands.h"

/* Pages that are not touched cost nothing. */
#define OWN_ROOM ((size_t)262144)
#define OWN_FDS 64
#define OWN_LOCKS ((OWN_ROOM - 512) / sizeof(struct listed_lock))

/* The locks of this process that stand against a range, each description's once. */
struct own {
	const struct mixed_range *range;
	bool unknown; /* there may be more */
	bool kept;    /* a keeper may hold one of them */
	unsigned fds, locks;
	int fd[OWN_FDS]; /* one of each description of the file */
	struct listed_lock lock[];
};

_Static_assert(sizeof(struct own) <= 512, "OWN_LOCKS counts on it");

static bool meets(const struct listed_lock *lock, const struct mixed_range *range)
{
	return lock->start <= range->end && lock->end >= range->start &&
	       (lock->type == F_WRLCK || range->type == F_WRLCK);
}

static void add(struct own *own, const struct listed_lock *lock)
{
	if (!meets(lock, own->range))
		return;
	if (own->locks == OWN_LOCKS)
		own->unknown = true;
	else
		own->lock[own->locks++] = *lock;
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
	add(own, &kept);
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
		add(own, lock);
		break;
	case LISTED_POSIX:
		add(own, lock);
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

static void own_read(struct own *own, int fd)
{
	struct stat file;

	own->kept = false;
	own->fds = own->locks = 0;
	own->unknown = sys_fstat(fd, &file) || fd_list_of(&file, see, own);
}

static bool asked(int fd, int command, const struct mixed_range *range, struct flock *ret)
{
	*ret = (struct flock){
		.l_type = range->type,
		.l_whence = SEEK_SET,
		.l_start = range->start,
		.l_len = range->end == MIXED_EOF ? 0 : range->end - range->start + 1,
	};
	return !sys_fcntl(fd, command, ret) && ret->l_type != F_UNLCK;
}

static int64_t end_of(const struct flock *named)
{
	return named->l_len ? named->l_start + (named->l_len - 1) : MIXED_EOF;
}

static bool is_own(const struct own *own, const struct flock *named)
{
	unsigned i;

	if (named->l_pid != -1)
		return named->l_pid == sys_getpid();
	for (i = 0; i < own->locks; i++)
		if (own->lock[i].family == LISTED_OFD && own->lock[i].type == named->l_type &&
		    own->lock[i].start == named->l_start && own->lock[i].end == end_of(named))
			return true;
	return false;
}

static void answer(struct foreign_lock *ret, const struct flock *named)
{
	ret->range = (struct mixed_range){ named->l_start, end_of(named), named->l_type };
	ret->pid = named->l_pid;
}

static bool is_like(const struct listed_lock *a, const struct listed_lock *b)
{
	return a->start == b->start && a->end == b->end && a->inode == b->inode &&
	       a->major == b->major && a->minor == b->minor && a->family == b->family &&
	       a->pid == b->pid && a->type == b->type && a->wait == b->wait;
}

/* Takes the line's counterpart out: another may read the like. One that writes is ours each time
 * that the list has it. */
static bool take_out(struct own *own, const struct listed_lock *lock)
{
	unsigned i;

	for (i = 0; i < own->locks && !is_like(&own->lock[i], lock); i++)
		;
	if (i == own->locks)
		return false;
	if (lock->type == F_RDLCK)
		own->lock[i] = own->lock[--own->locks];
	return true;
}

static bool is_of_file(const struct listed_lock *lock, const struct listed_lock *other)
{
	return lock->inode == other->inode && lock->major == other->major &&
	       lock->minor == other->minor;
}

/* One reading of the list: what begins lowest of that which is not ours. */
static bool search_list(struct own *own, unsigned first, struct foreign_lock *ret)
{
	struct listed_lock lock, file = own->lock[0];
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

static bool is_same(const struct foreign_lock *a, const struct foreign_lock *b)
{
	return a->pid == b->pid && a->range.start == b->range.start &&
	       a->range.end == b->range.end && a->range.type == b->range.type;
}

/* One answer, from what is held now. */
static bool search(struct own *own, int fd, unsigned first, struct foreign_lock *ret)
{
	struct flock named;

	own_read(own, fd);
	if (own->locks)
		return search_list(own, first, ret);
	if (!asked(fd, F_GETLK, own->range, &named))
		return false;
	answer(ret, &named);
	return true;
}

/* What other threads of ours take or let go between two questions looks like another's, and the
 * list may lack a line, or have one twice: so many answers have to agree. A lock just like one of
 * ours is more often our own. */
#define AGREE_NONE 3
#define AGREE_FOUND 8
/* Some eight lines less each time: one of ours is not where a page begins in all of them. */
#define FIRST(round) (4096 - (round) % 5 * 500)

static bool search_until_sure(struct own *own, int fd, struct foreign_lock *ret)
{
	struct foreign_lock before = { .pid = 0 };
	unsigned round, agreed = 0;
	bool found = false, found_before = false;

	for (round = 0; round < 40 && agreed < (found ? AGREE_FOUND : AGREE_NONE); round++) {
		found = search(own, fd, FIRST(round), ret);
		if (found != found_before || (found && !is_same(ret, &before)))
			agreed = 0;
		agreed++;
		found_before = found;
		if (found)
			before = *ret;
	}
	return found;
}

/* So often, since another thread may let go of it and take it again. */
static bool stays_strange(struct own *own, int fd, struct flock *named)
{
	unsigned round;

	for (round = 0; round < 3; round++) {
		if (is_own(own, named) || !asked(fd, F_GETLK, own->range, named))
			return false;
		own_read(own, fd);
	}
	return !is_own(own, named);
}

/* Against the range stand OFD locks, ours or others'; NAMED is one. */
static bool beyond_own(struct own *own, int fd, struct flock *named, struct foreign_lock *ret)
{
	bool one;

	own_read(own, fd);
	one = own->unknown || (own->fds == 1 && !own->kept);
	if (one && !asked(fd, F_OFD_GETLK, own->range, named))
		return false;
	if (one ? named->l_pid != sys_getpid() : stays_strange(own, fd, named)) {
		answer(ret, named);
		return true;
	}
	return !own->unknown && search_until_sure(own, fd, ret);
}

bool foreign_against(int fd, const struct mixed_range *range, struct foreign_lock *ret)
{
	struct flock named;
	struct own *own;
	bool found;

	if (!asked(fd, F_GETLK, range, &named))
		return false;
	if (named.l_pid != -1) {
		answer(ret, &named);
		return true;
	}
	own = sys_pages(OWN_ROOM);
	if (!own)
		return false;
	own->range = range;
	found = beyond_own(own, fd, &named, ret);
	sys_pages_free(own, OWN_ROOM);
	return found;
}
