/* SPDX-License-Identifier: MIT
 * What a call lets go of is what this process remembers to hold, or else what the kernel lists. */
#include "shim/flush_due.h"

#include "policy/sys.h"
#include "shim/decide.h"
#include "shim/fd_list.h"
#include "shim/fdinfo_locks.h"
#include "shim/flush_maps.h"
#include "shim/flush_sync.h"
#include "shim/object.h"

#define HELD_WRITING (HELD_EXCLUSIVE | HELD_WRITE)

/* What goes with a lock on the file that another number was asked through. */
static bool held_by_another(int fd, unsigned bits, struct flush_held *ret)
{
	int other = flush_held_next(0, HELD_POSIX, 0);
	struct flush_held held;
	struct object object;

	if (other < 0 || object_look(fd, &object) || object.kind)
		return false;
	for (other = flush_held_next(0, HELD_POSIX, object_hash(&object)); other >= 0;
	     other = flush_held_next(other + 1, HELD_POSIX, object_hash(&object))) {
		held = flush_held_get(other);
		if (!(held.bits & bits))
			continue;
		*ret = held;
		return true;
	}
	return false;
}

/* A server that keeps the locks itself leaves none for the kernel to list. */
static bool lists_none(int fd, const struct flush_held *held)
{
	return (!(held->bits & (HELD_MAYBE | HELD_TWIN)) && flush_held_tells(fd)) ||
	       object_magic(fd) != OBJECT_FUSE;
}

static bool is_open_to_write(int fd)
{
	long mode = sys_fcntl(fd, F_GETFL, NULL);

	return mode < 0 || (mode & O_ACCMODE) != O_RDONLY;
}

/* What the kernel lists of FD's description; everything where it can't be asked. */
static __attribute__((noinline)) unsigned listed(int fd)
{
	struct listed_lock lock = { .wait = 1 };
	struct lock_lines lines;
	unsigned bits = lock_lines_of(&lines, fd) ? ~0u : 0;

	while (bits != ~0u && lock_lines_next(&lines, &lock)) {
		if (lock.wait)
			continue;
		bits |= HELD_FLOCK | HELD_RECORD;
		bits |= lock.family == LISTED_POSIX ? HELD_POSIX : 0;
		bits |= lock.type == F_WRLCK ? HELD_WRITING : 0;
	}
	lock_lines_end(&lines);
	/* Of LOCK_EX through such a descriptor the keeper has what makes it exclusive. */
	return bits && !is_open_to_write(fd) ? bits | HELD_EXCLUSIVE : bits;
}

struct search {
	unsigned bits;
	bool found;
};

static bool look(void *context, int fd)
{
	struct search *search = context;
	unsigned bits = listed(fd);

	search->found = bits & HELD_POSIX && bits & search->bits;
	return !search->found;
}

/* The same as held_by_another(), of what could not be remembered. */
static bool listed_by_another(int fd, unsigned bits)
{
	struct search search = { .bits = bits };
	struct stat file;

	if (!(bits & (HELD_POSIX | HELD_WRITE)) || !flush_held_strayed())
		return false;
	return sys_fstat(fd, &file) || fd_list_of(&file, look, &search) || search.found;
}

/* What a child, the program before exec or a duplicate's user locked, the number does not tell. */
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
	return listed(fd) & bits || listed_by_another(fd, bits) || !lists_none(fd, &before);
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
	if (!shim_state()->around_most.value[POLICY_ON_UNLOCK])
		return false;
	if (ret->bits & bits)
		return ret->flush && !only_reads(fd, ret);
	if (bits & (HELD_POSIX | HELD_WRITE) && held_by_another(fd, bits, ret))
		return ret->flush;
	return held_unknown(fd, bits, ret);
}

int flush_due(int fd, unsigned bits)
{
	struct flush_held held;

	return flush_is_due(fd, bits, &held) ? flush_sync(fd, &held) : 0;
}

/* A POSIX lock is kept across exec, and goes with any number of the file. */
void flush_doubt(int fd)
{
	const struct policy_actions *around;
	struct object object;
	unsigned bits;

	flush_held_doubt(fd);
	if (object_look(fd, &object) || object.kind)
		return;
	bits = listed(fd) & (HELD_POSIX | HELD_WRITE);
	around = decide_around(shim_state(), fd, &object);
	if (bits & HELD_POSIX && around->value[POLICY_ON_UNLOCK])
		flush_held_add(fd, bits, object_hash(&object), around);
}
