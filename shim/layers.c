/* SPDX-License-Identifier: MIT
 * The kernel is the memory: each call reads what is held, changes the two layers and goes there. */
#include "shim/layers.h"

#include <errno.h>

#include "policy/sys.h"
#include "shim/deferred.h"
#include "shim/fd_list.h"
#include "shim/foreign.h"
#include "shim/heir.h"
#include "shim/mixed_files.h"
#include "shim/mixed_own.h"
#include "shim/note.h"
#include "shim/ofd_commands.h"
#include "shim/pieces.h"
#include "shim/range_core.h"
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

static bool watching, flock_met;

void layers_watch(void)
{
	__atomic_store_n(&watching, true, __ATOMIC_RELAXED);
}

bool layers_watching(void)
{
	return __atomic_load_n(&watching, __ATOMIC_RELAXED);
}

void layers_note_flock(void)
{
	if (!layers_flock_met())
		__atomic_store_n(&flock_met, true, __ATOMIC_RELAXED);
}

bool layers_flock_met(void)
{
	return __atomic_load_n(&flock_met, __ATOMIC_RELAXED);
}

/* Both layers, and what stands for them in the kernel. */
struct layers {
	int fd;
	short flock;
	bool asked; /* who else is there */
	struct pieces held, wanted, ranges, others;
};

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
static int read_layers(struct layers *layers, int fd)
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

/* 0, or -errno with nothing changed and what was refused in *ret_refused. */
static int go(int fd, struct layers *layers, short flock, struct mixed_range *ret_refused)
{
	int result = plan(layers, flock);

	if (!result)
		result = pieces_up(fd, &layers->held, &layers->wanted, ret_refused);
	if (!result)
		pieces_down(fd, &layers->held, &layers->wanted);
	return result == -EACCES ? -EAGAIN : result;
}

/* Nothing refuses an unlock: what the flock could take back is left where it can't. */
static int go_unlocked(int fd, struct layers *layers, short flock)
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

/* -EBUSY once it is had: the next round goes on from there. Else nothing but what LAYERS says is
 * held afterwards. */
static int wait_for(int fd, struct layers *layers, const struct mixed_range *refused)
{
	struct mixed_range ignored;
	int result = record_set(fd, F_OFD_SETLKW, refused->type, refused->start,
				refused->end == MIXED_EOF ? 0 : refused->end - refused->start + 1);

	if (!result)
		return -EBUSY;
	if (pieces_read(&layers->held, fd))
		(void)go(fd, layers, layers->flock, &ignored);
	return result;
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

/* This process's record locks through other descriptions of the file. */
static void read_others(struct layers *layers)
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

/* A keeper would wait for this process's own record locks. */
static int refuse_keeper(struct layers *layers, const struct layers_wish *wish)
{
	if (!layers->asked)
		read_others(layers);
	if (!wish->keeper || (!layers->others.count && !layers->ranges.count))
		return LAYERS_NONE;
	return wish->blocking ? -EDEADLK : -EWOULDBLOCK;
}

/* What was waited for is no record lock: those are read once. */
/* Where the flock leaves bytes to this process's own read locks, others may read, too. */
static bool is_read_by_others(const struct layers *layers)
{
	struct foreign_lock foreign;
	unsigned i;

	for (i = 0; i < layers->others.count; i++) {
		struct mixed_range range = layers->others.at[i];
		bool reads = range.type == F_RDLCK;

		range.type = F_WRLCK;
		if (reads && foreign_against(layers->fd, &range, &foreign))
			return true;
	}
	return false;
}

/* -EBUSY, or -EINTR. */
static int pause_once(void)
{
	struct deferred deferred;
	bool due, restart = true;

	deferred_begin(&deferred);
	deferred_sleep(&deferred, 0);
	due = deferred_due(&deferred, &restart);
	deferred_end(&deferred);
	return due && !restart ? -EINTR : -EBUSY;
}

/* Granted, but for bytes that others read: asked for again every 10 ms, since the kernel can't be
 * asked to wait for them. */
static int wait_for_readers(int fd, struct layers *layers, const struct layers_wish *wish)
{
	struct mixed_range ignored;

	if (!wish->atomic)
		layers->flock = F_UNLCK;
	if (!pieces_read(&layers->held, fd))
		return -ENOLCK;
	(void)go(fd, layers, layers->flock, &ignored);
	if (!pieces_read(&layers->held, fd))
		return -ENOLCK;
	return wish->blocking ? pause_once() : -EWOULDBLOCK;
}

static int flock_round(int fd, struct layers *layers, short type, const struct layers_wish *wish)
{
	struct mixed_range refused;
	/* Down from an exclusive one nothing is asked that could be refused. */
	int result = record_is_open_for(fd, type) ? go(fd, layers, type, &refused) : -EBADF;

	if (result == -EBADF)
		return refuse_keeper(layers, wish);
	if (!result && type == F_WRLCK && is_read_by_others(layers))
		return wait_for_readers(fd, layers, wish);
	if (result != -EAGAIN)
		return result;
	if (!layers->asked) {
		read_others(layers);
		return layers->others.count ? -EBUSY : flock_round(fd, layers, type, wish);
	}
	if (!layers->others.count && !layers->ranges.count)
		return LAYERS_NONE;
	if (layers->flock == F_RDLCK && !wish->atomic) {
		layers->flock = F_UNLCK;
		(void)go(fd, layers, F_UNLCK, &refused);
	}
	if (!wish->blocking)
		return -EWOULDBLOCK;
	result = wait_for(fd, layers, &refused);
	if (result == -EBUSY && !pieces_read(&layers->held, fd))
		return -ENOLCK;
	return result;
}

int layers_flock(int fd, short type, const struct layers_wish *wish)
{
	struct layers *layers = sys_pages(sizeof *layers);
	int result = layers ? read_layers(layers, fd) : -ENOLCK;

	if (!result && type == F_UNLCK && !layers->ranges.count)
		result = LAYERS_NONE;
	if (!result && type == F_UNLCK)
		result = go_unlocked(fd, layers, type);
	else if (!result)
		do
			result = flock_round(fd, layers, type, wish);
		while (result == -EBUSY);
	if (layers)
		sys_pages_free(layers, sizeof *layers);
	return result;
}

static bool ranges_against(const struct pieces *ranges, const struct mixed_range *range)
{
	unsigned i;

	for (i = 0; i < ranges->count; i++)
		if (ranges->at[i].start <= range->end && range->start <= ranges->at[i].end &&
		    (range->type == F_WRLCK || ranges->at[i].type == F_WRLCK))
			return true;
	return false;
}

static int range_in(struct layers *layers, int fd, const struct mixed_range *range,
		    struct mixed_range *ret_refused)
{
	int result = read_layers(layers, fd);

	if (result)
		return result;
	if (layers->flock == F_UNLCK)
		return LAYERS_NONE;
	read_others(layers);
	if (range->type != F_UNLCK && ranges_against(&layers->others, range)) {
		*ret_refused = *range;
		return -EAGAIN;
	}
	if (!pieces_put(&layers->ranges, *range))
		return -ENOLCK;
	return range->type == F_UNLCK ? go_unlocked(fd, layers, layers->flock)
				      : go(fd, layers, layers->flock, ret_refused);
}

static int range_once(int fd, const struct mixed_range *range, struct mixed_range *ret_refused)
{
	struct layers *layers = sys_pages(sizeof *layers);
	int result = layers ? range_in(layers, fd, range, ret_refused) : -ENOLCK;

	if (layers)
		sys_pages_free(layers, sizeof *layers);
	return result;
}

/* What is held of it and is not in the book goes again. */
static void settle(int fd)
{
	struct layers *layers = sys_pages(sizeof *layers);
	struct mixed_range ignored;

	if (layers && !read_layers(layers, fd))
		(void)go(fd, layers, layers->flock, &ignored);
	if (layers)
		sys_pages_free(layers, sizeof *layers);
}

/* Waits by the next fcntl, with nothing of ours at hand: it may be cancelled there. */
int layers_range(int fd, const struct mixed_range *range, bool wait)
{
	struct mixed_range refused;
	int result;

	if (own_ofd_type(fd) == F_UNLCK)
		return LAYERS_NONE;
	for (;;) {
		result = range_once(fd, range, &refused);
		if (result != -EAGAIN || !wait)
			return result;
		result = range_ask(fd, F_OFD_SETLKW, &refused);
		if (result) {
			settle(fd);
			return result;
		}
	}
}

static bool make_room(struct layers *layers, int fd, const struct mixed_range *range)
{
	struct mixed_range ignored;

	if (read_layers(layers, fd) || layers->flock == F_UNLCK)
		return true;
	if (ranges_against(&layers->ranges, range))
		return false;
	read_others(layers);
	(void)pieces_put(&layers->others, *range);
	mixed_files_note(fd);
	(void)go(fd, layers, layers->flock, &ignored);
	return true;
}

bool layers_make_room(int fd, const struct mixed_range *range)
{
	struct layers *layers = sys_pages(sizeof *layers);
	bool made = layers && make_room(layers, fd, range);

	if (layers)
		sys_pages_free(layers, sizeof *layers);
	return made;
}

/* What a record lock that is gone left free. */
static bool regrow_one(void *context, int fd)
{
	struct layers *layers = context;
	struct mixed_range ignored;

	if (read_layers(layers, fd) || layers->flock == F_UNLCK)
		return true;
	read_others(layers);
	(void)go(fd, layers, layers->flock, &ignored);
	return true;
}

void layers_regrow(const struct stat *file)
{
	struct layers *layers = sys_pages(sizeof *layers);

	if (!layers)
		return;
	(void)fd_list_of(file, regrow_one, layers);
	sys_pages_free(layers, sizeof *layers);
}

bool layers_ranges(int fd, struct pieces *ret)
{
	struct layers *layers = sys_pages(sizeof *layers);
	bool read = layers && !read_layers(layers, fd);

	if (read)
		pieces_copy(ret, &layers->ranges);
	if (layers)
		sys_pages_free(layers, sizeof *layers);
	return read;
}
