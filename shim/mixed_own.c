/* SPDX-License-Identifier: MIT
 * What this process holds on a file, read from the fdinfo of each of its descriptors: that lists
 * the POSIX locks too that were taken through them. */
#include "shim/mixed_own.h"

#include "policy/sys.h"
#include "shim/fd_list.h"
#include "shim/fdinfo_locks.h"
#include "shim/keeper_bytes.h"
#include "shim/note.h"
#include "shim/ofd_commands.h"
#include "shim/own_ofd.h"

#define RANGES_ROOM ((size_t)32768)
#define RANGES_MAX (RANGES_ROOM / sizeof(struct mixed_range))

/* In nobody's order, and once for each number of a description. */
static void put_in_order(struct own_ranges *own, const struct listed_lock *found)
{
	struct mixed_range *at = own->at;
	unsigned place = own->count, i;

	while (place && at[place - 1].start > found->start)
		place--;
	if (place && at[place - 1].start == found->start)
		return;
	for (i = own->count++; i > place; i--)
		at[i] = at[i - 1];
	at[place] = (struct mixed_range){ found->start, found->end, found->type };
}

static bool add_ranges(void *context, int fd)
{
	struct own_ranges *own = context;
	struct listed_lock lock;
	struct lock_lines lines;
	int error = lock_lines_of(&lines, fd);

	while (!error && own->count < RANGES_MAX && lock_lines_next(&lines, &lock))
		if (lock.family == LISTED_POSIX)
			put_in_order(own, &lock);
	lock_lines_end(&lines);
	return own->count < RANGES_MAX;
}

void own_ranges_read(struct own_ranges *ret, int fd)
{
	struct stat file;

	ret->count = 0;
	ret->at = sys_pages(RANGES_ROOM);
	if (!ret->at || sys_fstat(fd, &file))
		return;
	(void)fd_list_of(&file, add_ranges, ret);
	if (ret->count == RANGES_MAX)
		ret->at[ret->count - 1].end = MIXED_EOF;
}

void own_ranges_free(struct own_ranges *own)
{
	if (own->at)
		sys_pages_free(own->at, RANGES_ROOM);
}

bool own_posix_meets(int fd)
{
	struct flock record = { .l_type = F_WRLCK, .l_whence = SEEK_SET };

	return !sys_fcntl(fd, F_OFD_GETLK, &record) && record.l_type != F_UNLCK &&
	       record.l_pid == sys_getpid();
}

#define KEEPER_MARKS -1

/* KEEPER_MARKS where a keeper holds for it. */
static short type_or_marks(int fd)
{
	struct listed_lock lock;
	struct lock_lines lines;
	short type = F_UNLCK;
	int error = lock_lines_of(&lines, fd);

	while (!error && type == F_UNLCK && lock_lines_next(&lines, &lock))
		if (lock.family == LISTED_OFD && lock.end == MIXED_EOF)
			type = lock.start == KEEPER_ORDER ? KEEPER_MARKS : lock.type;
	lock_lines_end(&lines);
	return type;
}

short own_ofd_type(int fd)
{
	short type = type_or_marks(fd);

	return type == KEEPER_MARKS ? F_UNLCK : type;
}

/* A program that asks for OFD locks itself may mean one to the end: only what is noted is its
 * flock. */
static bool is_flock(int fd)
{
	return !ofd_used_by_program() || note_get(fd) & NOTE_OFD;
}

static bool is_among(const struct own_holders *holders, int fd)
{
	unsigned i;

	for (i = 0; i < holders->count; i++)
		if (fd_is_same_description(holders->at[i].fd, fd))
			return true;
	return false;
}

static bool add_holder(void *context, int fd)
{
	struct own_holders *holders = context;
	short type = type_or_marks(fd);

	if (type == KEEPER_MARKS)
		holders->kept = true;
	else if (type != F_UNLCK && is_flock(fd) && !is_among(holders, fd))
		holders->at[holders->count++] = (struct own_holder){ fd, type };
	return holders->count < OWN_HOLDERS_MAX;
}

void own_holders_of(struct own_holders *ret, const struct stat *file)
{
	ret->count = 0;
	ret->kept = false;
	ret->unknown = fd_list_of(file, add_holder, ret) < 0;
}

void own_holders_find(struct own_holders *ret, int fd)
{
	struct stat file;

	ret->count = 0;
	ret->kept = ret->unknown = false;
	if (!sys_fstat(fd, &file))
		own_holders_of(ret, &file);
}
