/* SPDX-License-Identifier: MIT
 * Record locks on a description that has a flock, and what flocks leave to others of this process.
 */
#include "shim/layers.h"

#include <errno.h>

#include "policy/sys.h"
#include "shim/fd_list.h"
#include "shim/foreign.h"
#include "shim/layers_map.h"
#include "shim/mixed_files.h"
#include "shim/mixed_own.h"
#include "shim/ofd_commands.h"
#include "shim/range_core.h"

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

static int range_in(struct layers *layers, int fd, const struct mixed_range *range,
		    struct mixed_range *ret_refused)
{
	int result = layers_map_read(layers, fd);

	if (result)
		return result;
	if (layers->flock == F_UNLCK)
		return LAYERS_NONE;
	layers_map_others(layers);
	if (range->type != F_UNLCK && pieces_against(&layers->others, range)) {
		*ret_refused = *range;
		return -EAGAIN;
	}
	if (!pieces_put(&layers->ranges, *range))
		return -ENOLCK;
	return range->type == F_UNLCK ? layers_map_unlocked(fd, layers, layers->flock)
				      : layers_map_go(fd, layers, layers->flock, ret_refused);
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

	if (layers && !layers_map_read(layers, fd))
		(void)layers_map_go(fd, layers, layers->flock, &ignored);
	if (layers)
		sys_pages_free(layers, sizeof *layers);
}

/* Waits by the next fcntl, with nothing of ours at hand: it may be cancelled there. */
int layers_range(int fd, const struct mixed_range *range, bool wait)
{
	struct foreign_lock foreign;
	struct mixed_range refused;
	int result;

	if (own_ofd_type(fd) == F_UNLCK)
		return LAYERS_NONE;
	for (;;) {
		result = range_once(fd, range, &refused);
		if (result != -EAGAIN || !wait)
			return result;
		/* Nobody else's lock is there: it would wait for this process's own. */
		result = foreign_against(fd, &refused, &foreign)
				 ? range_ask(fd, F_OFD_SETLKW, &refused)
				 : -EDEADLK;
		if (result) {
			settle(fd);
			return result;
		}
	}
}

static bool make_room(struct layers *layers, int fd, const struct mixed_range *range)
{
	if (layers_map_read(layers, fd) || layers->flock == F_UNLCK)
		return true;
	if (pieces_against(&layers->ranges, range))
		return false;
	layers_map_others(layers);
	(void)pieces_put(&layers->others, *range);
	mixed_files_note(fd);
	/* What the flock could take back elsewhere may be refused. */
	(void)layers_map_unlocked(fd, layers, layers->flock);
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

	if (layers_map_read(layers, fd) || layers->flock == F_UNLCK)
		return true;
	layers_map_others(layers);
	(void)layers_map_go(fd, layers, layers->flock, &ignored);
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
	bool read = layers && !layers_map_read(layers, fd);

	if (read)
		pieces_copy(ret, &layers->ranges);
	if (layers)
		sys_pages_free(layers, sizeof *layers);
	return read;
}
