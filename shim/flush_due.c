/* SPDX-License-Identifier: MIT
 * What a call lets go of is what this process remembers to hold, or else what the kernel lists. */
#include "shim/flush_due.h"

#include "policy/sys.h"
#include "shim/decide.h"
#include "shim/fdinfo_locks.h"
#include "shim/flush_maps.h"
#include "shim/flush_sync.h"
#include "shim/object.h"

#define FUSE_MAGIC 0x65735546u
#define HELD_WRITING (HELD_EXCLUSIVE | HELD_WRITE)

/* What goes with a lock on FILE that another number was asked through. */
static bool held_by_another(int fd, unsigned bits, struct flush_held *ret)
{
	int other = flush_held_next(0, HELD_POSIX, 0);
	struct object object;

	if (other < 0 || object_look(fd, &object) || object.kind)
		return false;
	for (other = flush_held_next(0, HELD_POSIX, object_hash(&object)); other >= 0;
	     other = flush_held_next(other + 1, HELD_POSIX, object_hash(&object))) {
		*ret = flush_held_get(other);
		if (ret->bits & bits)
			return true;
	}
	return false;
}

/* A server that keeps the locks itself leaves none for the kernel to list. */
static bool lists_none(int fd, const struct flush_held *held)
{
	return (!(held->bits & HELD_MAYBE) && flush_held_tells(fd)) ||
	       object_magic(fd) != FUSE_MAGIC;
}

static __attribute__((noinline)) bool is_listed(int fd, unsigned bits)
{
	struct listed_lock lock = { .wait = 1 };
	struct lock_lines lines;
	bool failed = lock_lines_of(&lines, fd), found = false;

	while (!failed && !found && lock_lines_next(&lines, &lock))
		found = !lock.wait && (bits & HELD_ANY || lock.type == F_WRLCK);
	lock_lines_end(&lines);
	return failed || found;
}

/* What a child, or the program before exec, locked through FD, nobody here remembers. */
static bool held_unknown(int fd, unsigned bits, struct flush_held *ret)
{
	const struct flush_held before = flush_held_get(fd);
	const struct policy_actions *around;
	struct object object;

	if (object_look(fd, &object) || object.kind)
		return false;
	around = decide_around(shim_state(), fd, &object);
	if (!around->value[POLICY_ON_UNLOCK])
		return false;
	*ret = (struct flush_held){
		.file = object_hash(&object),
		.bits = HELD_MAYBE,
		.flush = (uint8_t)around->value[POLICY_ON_UNLOCK],
		.report = (uint8_t)around->value[POLICY_FLUSH_ERROR],
	};
	return is_listed(fd, bits) || !lists_none(fd, &before);
}

static bool is_open_to_write(int fd)
{
	long mode = sys_fcntl(fd, F_GETFL, NULL);

	return mode < 0 || (mode & O_ACCMODE) != O_RDONLY;
}

/* A shared lock through a descriptor for reading alone, and nothing known by which this process
 * could have written under it. */
static bool only_reads(int fd, const struct flush_held *held)
{
	struct object object;
	int other;

	if (held->bits & (HELD_WRITING | HELD_MAYBE) || is_open_to_write(fd))
		return false;
	for (other = flush_held_next(0, HELD_ANY, held->file); other >= 0;
	     other = flush_held_next(other + 1, HELD_ANY, held->file))
		if (is_open_to_write(other))
			return false;
	return !object_look(fd, &object) && !flush_maps_write(object.inode);
}

bool flush_is_due(int fd, unsigned bits, struct flush_held *ret)
{
	*ret = flush_held_get(fd);
	if (ret->bits & bits)
		return ret->flush && !only_reads(fd, ret);
	if (bits & (HELD_POSIX | HELD_WRITE) && held_by_another(fd, bits, ret))
		return ret->flush;
	*ret = flush_held_get(fd);
	if (!(bits & HELD_ANY) && !(ret->bits & HELD_MAYBE) && flush_held_tells(fd))
		return false;
	return held_unknown(fd, bits, ret);
}

int flush_due(int fd, unsigned bits)
{
	struct flush_held held;

	return flush_is_due(fd, bits, &held) ? flush_sync(fd, &held) : 0;
}
