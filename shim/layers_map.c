/* SPDX-License-Identifier: MIT
 * The kernel is the memory: what is held is read, the plan made, and then gone to. */
#include "shim/layers_map.h"

#include <errno.h>

#include "policy/sys.h"
#include "shim/fd_list.h"
#include "shim/heir.h"
#include "shim/mixed_files.h"
#include "shim/mixed_own.h"
#include "shim/note.h"
#include "shim/record.h"

/* Where record locks are written down: those for reading in the first half, those for writing in
 * the second, always as locks of the flock's type, which stand in nobody's way who may have the
 * flock too. Apart from what is before and behind, or the kernel would make them one. */
#define BOOK (LAYERS_RANGE_END + 1)
#define BOOK_HALF ((int64_t)1 << 61)
#define BOOK_READS (BOOK + 32)
#define BOOK_WRITES (BOOK_READS + BOOK_HALF)
#define BOOK_END (MIXED_EOF - 16)
/* Not held while there is a book beside a flock: the last bytes are the flock's else. */
#define BOOK_SIGN (BOOK_END + 1)
/* The byte that stands for all behind it. */
#define BOOK_REST (BOOK_HALF - 64)

static bool read_book(struct layers *layers)
{
	unsigned i;

	layers->ranges.count = 0;
	for (i = 0; i < layers->held.count; i++) {
		struct mixed_range piece = layers->held.at[i];
		bool writes = piece.start >= BOOK_WRITES;
		int64_t base = writes ? BOOK_WRITES : BOOK_READS;

		if (piece.start < BOOK || piece.start > BOOK_END)
			continue;
		piece.start -= base;
		piece.end = piece.end - base >= BOOK_REST ? LAYERS_RANGE_END : piece.end - base;
		piece.type = writes ? F_WRLCK : F_RDLCK;
		if (!pieces_put(&layers->ranges, piece))
			return false;
	}
	return true;
}

/* A whole flock without a book has no record locks beside it. */
int layers_map_read(struct layers *layers, int fd)
{
	layers->fd = fd;
	/* Without /proc: as if there were but one layer, unless it is known that there are two. */
	if (!pieces_read(&layers->held, fd))
		return note_marks(fd) & MARK_RANGES ? -ENOLCK : LAYERS_NONE;
	layers->flock = pieces_type_at(&layers->held, MIXED_EOF);
	layers->ranges.count = 0;
	if (layers->flock == F_UNLCK) {
		pieces_copy(&layers->ranges, &layers->held);
		return 0;
	}
	if (pieces_type_at(&layers->held, BOOK_SIGN) == layers->flock)
		return 0;
	return read_book(layers) ? 0 : -ENOLCK;
}

static bool write_book(struct pieces *into, const struct mixed_range *range, short type)
{
	struct mixed_range entry = { range->start, range->end, type };
	int64_t base = range->type == F_WRLCK ? BOOK_WRITES : BOOK_READS;

	if (entry.end == LAYERS_RANGE_END)
		entry.end = BOOK_REST;
	if (entry.start >= BOOK_REST || entry.end > BOOK_REST)
		return false;
	entry.start += base;
	entry.end += base;
	return pieces_put(into, entry);
}

/* The ranges beside a flock: in its place where they are stronger, and in the book. */
static bool plan_ranges(struct layers *layers, short flock)
{
	struct pieces *wanted = &layers->wanted;
	unsigned i;

	if (!pieces_put(wanted, (struct mixed_range){ BOOK, BOOK_SIGN, F_UNLCK }))
		return false;
	for (i = 0; i < layers->ranges.count; i++) {
		const struct mixed_range *range = &layers->ranges.at[i];

		if ((flock == F_RDLCK && range->type == F_WRLCK && !pieces_put(wanted, *range)) ||
		    !write_book(wanted, range, flock))
			return false;
	}
	return true;
}

/* Where this process's other locks stand against the flock they are what keeps outsiders out. */
static bool leave_others(struct layers *layers, short flock)
{
	unsigned i;

	for (i = 0; i < layers->others.count; i++) {
		struct mixed_range range = layers->others.at[i];

		if (flock == F_RDLCK && range.type == F_RDLCK)
			continue;
		range.type = F_UNLCK;
		if (!pieces_put(&layers->wanted, range))
			return false;
	}
	return true;
}

/* What is to be held for FLOCK and the ranges. */
static int plan(struct layers *layers, short flock)
{
	pieces_copy(&layers->wanted, &layers->ranges);
	if (flock == F_UNLCK)
		return 0;
	layers->wanted.count = 0;
	(void)pieces_put(&layers->wanted, (struct mixed_range){ 0, MIXED_EOF, flock });
	if (!leave_others(layers, flock) || (layers->ranges.count && !plan_ranges(layers, flock)))
		return -ENOLCK;
	return 0;
}

int layers_map_go(int fd, struct layers *layers, short flock, struct mixed_range *ret_refused)
{
	int result = plan(layers, flock);

	if (!result)
		result = pieces_up(fd, &layers->held, &layers->wanted, ret_refused);
	if (!result)
		pieces_down(fd, &layers->held, &layers->wanted);
	return result == -EACCES ? -EAGAIN : result;
}

int layers_map_unlocked(int fd, struct layers *layers, short flock)
{
	struct mixed_range ignored;
	int result = plan(layers, flock);

	if (result)
		return result;
	if (pieces_up(fd, &layers->held, &layers->wanted, &ignored))
		mixed_files_note(fd);
	pieces_down(fd, &layers->held, &layers->wanted);
	return 0;
}

/* Beside a shared flock those that write: what stands against an exclusive one is that itself. */
static void add_found(struct layers *layers, const struct pieces *found)
{
	short flock = pieces_type_at(found, MIXED_EOF);
	unsigned i;

	for (i = 0; flock != F_WRLCK && i < found->count; i++)
		if (flock == F_UNLCK || found->at[i].type == F_WRLCK)
			(void)pieces_put(&layers->others, found->at[i]);
}

static bool add_other(void *context, int fd)
{
	struct layers *layers = context;
	struct pieces *found = &layers->wanted;

	if (fd == layers->fd || !pieces_read(found, fd) ||
	    pieces_are_of_one(fd, found, layers->fd, &layers->held) ||
	    (found->count && heir_is(fd) && heir_whose(fd) != HEIR_OURS))
		return true;
	add_found(layers, found);
	return true;
}

/* A POSIX lock that reaches the end gives the last bytes up. */
static void add_posix(struct layers *layers)
{
	struct own_ranges own;
	unsigned i;

	own_ranges_read(&own, layers->fd);
	for (i = 0; i < own.count; i++) {
		struct mixed_range range = own.at[i];

		if (range.end > LAYERS_RANGE_END) {
			range.end = LAYERS_RANGE_END;
			(void)record_set(layers->fd, F_SETLK, F_UNLCK, LAYERS_RANGE_END + 1, 0);
		}
		(void)pieces_put(&layers->others, range);
	}
	own_ranges_free(&own);
}

void layers_map_others(struct layers *layers)
{
	struct stat file;

	layers->asked = true;
	layers->others.count = 0;
	if (sys_fstat(layers->fd, &file))
		return;
	(void)fd_list_of(&file, add_other, layers);
	if (mixed_posix_used() && own_posix_meets(layers->fd))
		add_posix(layers);
	if (layers->others.count)
		mixed_files_note(layers->fd);
}
